package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.Finding;
import io.medallion.io.ledger.PartitionLedger;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.status.Logs;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What commits count: the states of each Kafka partition, and the events that broke a rule. */
class CountsTest {
  @Test
  void theLedgerOfCommitsIsWhatTheyCountAndNoAudit() {
    // Given silver has read 97 of 100 rows of partition 2, and nothing of 10
    History history =
        history(
            List.of(
                commit(
                    10, Map.of(), Map.of("t-2", Map.of("rows", 100L), "t-10", Map.of("rows", 5L)))),
            List.of(
                commit(
                    12,
                    Map.of(),
                    Map.of("t-2", Map.of("applied", 90L, "duplicate", 4L, "quarantined", 3L)))));

    // When
    Plot plot = DrawLedger.ofCommits(history);

    // Then
    assertThat(plot.categories()).containsExactly("t-2", "t-10");
    assertThat(plot.series())
        .contains(
            new Series("applied", "applied", List.of(new Point(0, 90), new Point(1, 0))),
            new Series("not-refined", "not-refined", List.of(new Point(0, 3), new Point(1, 5))));
    assertThat(plot.figures())
        .containsExactly(
            List.of(
                "partition",
                "applied",
                "superseded",
                "duplicate",
                "quarantined",
                "pending",
                "deleted",
                "not-refined"),
            List.of("t-2", "90", "0", "4", "3", "0", "0", "3"),
            List.of("t-10", "0", "0", "0", "0", "0", "0", "5"));
    assertThat(plot.summary()).isEqualTo("No audit was run.");
    assertThat(plot.says()).contains("Not an audit: no row was looked at.");
  }

  @Test
  void theLedgerOfAnAuditSaysWhatItFound() {
    // When
    Plot clean = DrawLedger.ofAudit(audit(true, List.of()));
    Plot lost =
        DrawLedger.ofAudit(
            audit(
                false,
                List.of(new Finding(Finding.Kind.MISSING_OFFSETS, 1_262, List.of("offset 7")))));

    // Then
    assertThat(clean.summary()).isEqualTo("Audit clean: 1,500 offsets, each in exactly one state.");
    assertThat(clean.series())
        .extracting(Series::name)
        .endsWith("not-refined", "not-ingested", "missing");
    assertThat(clean.figures().get(1))
        .containsExactly("t-0", "1,500", "0", "0", "0", "0", "0", "4", "100", "2");
    assertThat(clean.says()).contains("every row and commit of the tables was read, and Kafka's");
    assertThat(lost.summary())
        .isEqualTo("Audit not clean: missing-offsets (1,262); medallion audit names them.");
    assertThat(lost.series()).extracting(Series::name).doesNotContain("not-ingested");
  }

  @Test
  void ofManyPartitionsTheFirstAreDrawnAndAllAreInTheFigures() {
    // Given
    Map<String, Map<String, Long>> partitions = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      partitions.put("t-" + i, Map.of("rows", 1L));
    }

    // When
    Plot plot = DrawLedger.ofCommits(history(List.of(commit(10, Map.of(), partitions)), List.of()));

    // Then
    assertThat(plot.categories()).hasSize(60).startsWith("t-0", "t-1", "t-2").endsWith("t-59");
    assertThat(plot.figures()).hasSize(101);
    assertThat(plot.says()).endsWith("The first 60 of 100 partitions are drawn.");
  }

  @Test
  void qualityIsTheShareOfWhatWasReadSinceTheCommitBefore() {
    // Given a rule that a replay takes back, and one that warns
    History history =
        history(
            List.of(),
            List.of(
                commit(10, Map.of("input", 100L, "quarantined.a", 50L, "quarantined", 50L)),
                commit(
                    20,
                    Map.of(
                        "input",
                        300L,
                        "quarantined.a",
                        52L,
                        "warned.<b>",
                        10L,
                        "quarantined",
                        52L)),
                commit(
                    30,
                    Map.of(
                        "input",
                        400L,
                        "quarantined.a",
                        12L,
                        "warned.<b>",
                        10L,
                        "quarantined",
                        12L)),
                commit(
                    40,
                    Map.of(
                        "input",
                        400L,
                        "quarantined.a",
                        12L,
                        "warned.<b>",
                        10L,
                        "quarantined",
                        12L))));

    // When
    Plot plot = DrawQuality.of(history);

    // Then
    assertThat(plot.series())
        .containsExactly(
            new Series("a", "", List.of(point(10, 1), point(20, 1), point(30, 0))),
            new Series("<b> (warns)", "", List.of(point(10, 5), point(20, 5), point(30, 0))));
    assertThat(plot.figures())
        .containsExactly(
            List.of("rule", "events", "of all read"),
            List.of("a", "12", "3.00 %"),
            List.of("<b> (warns)", "10", "2.50 %"));
    assertThat(plot.summary()).isEqualTo("12 of 400 events are in quarantine (3.00 %).");
  }

  @Test
  void qualityOfManyCommitsIsInParts() {
    // Given every second event breaks the rule, in each of 1,000 commits
    List<Commit> silver = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      silver.add(commit(i, Map.of("input", i * 10L, "quarantined.a", i * 5L)));
    }

    // When
    Plot plot = DrawQuality.of(history(List.of(), silver));

    // Then
    assertThat(plot.series().get(0).points()).hasSize(61).allMatch(point -> point.y() == 50);
  }

  private static Point point(int second, double percent) {
    return new Point(Logs.at(second).toEpochMilli(), percent);
  }

  private static History history(List<Commit> bronze, List<Commit> silver) {
    List<TableLog> tables = new Logs().logs(0);
    TableLog bronzeLog = new TableLog(tables.get(0).table(), null, bronze, Logs.at(1_000));
    TableLog silverLog = new TableLog(tables.get(1).table(), bronzeLog, silver, Logs.at(1_000));
    return new History(
        Logs.START, Logs.at(1_000), List.of(bronzeLog, silverLog), Map.of(), List.of());
  }

  private static AuditReport audit(boolean kafkaAsked, List<Finding> findings) {
    return new AuditReport(
        "p",
        kafkaAsked,
        List.of(
            new PartitionLedger(
                "t-0",
                new Span(0, 1_604),
                new Span(0, 1_504),
                1_504,
                2,
                0,
                0,
                0,
                1_500,
                Map.of("applied", 1_500L),
                4,
                100)),
        List.of(),
        findings);
  }

  private static Commit commit(int second, Map<String, Long> counters) {
    return commit(second, counters, Map.of());
  }

  private static Commit commit(
      int second, Map<String, Long> counters, Map<String, Map<String, Long>> partitions) {
    return new Commit(
        String.valueOf(second),
        Logs.at(second),
        Logs.at(second),
        1,
        "p",
        "silver",
        "job",
        1,
        "",
        Duration.ofSeconds(10),
        new Progress(
            Map.of(), counters, partitions, Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME));
  }
}
