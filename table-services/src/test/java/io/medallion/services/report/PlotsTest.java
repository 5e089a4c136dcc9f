package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.medallion.io.DataFile;
import io.medallion.schemas.TableDefinition;
import io.medallion.services.report.Plot.Limit;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.status.Latency;
import io.medallion.services.status.Logs;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The figures of the plots, from commits of seconds 10 to 26 that bring records of 1 to 19. */
class PlotsTest {
  private static final Duration OBJECTIVE = Duration.ofSeconds(30);

  @Test
  void freshnessGrowsUntilACommitBringsSomethingNewer() {
    // When
    Plot plot = DrawFreshness.of(history(Logs.ofTwentySeconds(), 0, 48), OBJECTIVE);

    // Then
    assertThat(plot.series())
        .containsExactly(
            new Series("bronze.t", "bronze", points(10, 1, 20, 11, 20, 1, 48, 29)),
            new Series("silver.t", "silver", points(14, 5, 24, 15, 24, 5, 48, 29)),
            new Series("gold.t", "gold", points(16, 7, 26, 17, 26, 7, 48, 29)));
    assertThat(plot.limits()).containsExactly(new Limit("objective", 30));
    assertThat(plot.summary())
        .isEqualTo(
            "Age of the newest record at the end: bronze.t 29.0 s, silver.t 29.0 s, gold.t 29.0 s;"
                + " the objective is 30.0 s.");
    assertThat(plot.figures())
        .containsExactly(
            List.of("table", "lowest", "highest", "now"),
            List.of("bronze.t", "1.0 s", "29.0 s", "29.0 s"),
            List.of("silver.t", "5.0 s", "29.0 s", "29.0 s"),
            List.of("gold.t", "7.0 s", "29.0 s", "29.0 s"));
  }

  @Test
  void freshnessBeginsWithWhatWasThereBefore() {
    // When the report begins between two commits of each table
    Plot plot = DrawFreshness.of(history(Logs.ofTwentySeconds(), 17, 30), OBJECTIVE);

    // Then
    assertThat(plot.series())
        .extracting(Series::points)
        .containsExactly(
            points(17, 8, 20, 11, 20, 1, 30, 11),
            points(17, 8, 24, 15, 24, 5, 30, 11),
            points(17, 8, 26, 17, 26, 7, 30, 11));

    // And when nothing was committed in its time
    assertThat(DrawFreshness.of(history(Logs.ofTwentySeconds(), 40, 48), OBJECTIVE).series())
        .extracting(Series::points)
        .containsOnly(points(40, 21, 48, 29));
  }

  @Test
  void throughputIsWhatACommitReadMoreThanTheOneBefore() {
    // Given twenty records in five seconds after ten in ten
    Logs logs = Logs.ofTwentySeconds().bronze(21, 20, 20).bronze(25, 21, 24);

    // When
    Plot plot = DrawThroughput.of(history(logs, 0, 48));

    // Then
    assertThat(plot.series())
        .containsExactly(
            new Series("bronze.t", "bronze", points(10, 1, 20, 1, 21, 10, 25, 2.5)),
            new Series("silver.t", "silver", points(14, 1, 24, 1)),
            new Series("gold.t", "gold", points(16, 1, 26, 1)));
    assertThat(plot.figures())
        .contains(List.of("bronze.t", "30", "2.0", "10"), List.of("silver.t", "10", "1.0", "1.0"));
    assertThat(plot.summary())
        .isEqualTo("Mean per second: bronze.t 2.0, silver.t 1.0, gold.t 1.0.");
  }

  @Test
  void ofManyCommitsNoRecordIsLost() {
    // Given ten records in each of 1,200 seconds
    Logs logs = new Logs();
    for (int second = 1; second <= 1_201; second++) {
      logs.bronze(second, second - 1, second);
    }

    // When
    Plot plot = DrawThroughput.of(history(logs, 0, 1_300));

    // Then
    Series bronze = plot.series().get(0);
    assertThat(bronze.points()).hasSize(401).allMatch(point -> point.y() == 10);
    assertThat(plot.figures()).contains(List.of("bronze.t", "12,000", "10", "10"));
  }

  @Test
  void latencyIsInPartsUpToTheLastThatHasARecord() {
    // When
    Plot plot =
        DrawLatency.of(
            new Latency(
                List.of(
                    new Latency.Sample(Duration.ofMillis(2_500), 90),
                    new Latency.Sample(Duration.ofMillis(5_000), 10))));

    // Then
    assertThat(plot.categories()).containsExactly("≤ 1 s", "≤ 2 s", "≤ 3 s", "≤ 5 s");
    assertThat(plot.series().get(0).points())
        .containsExactly(new Point(0, 0), new Point(1, 0), new Point(2, 90), new Point(3, 10));
    assertThat(plot.summary()).isEqualTo("p50 2.5 s, p95 5.0 s, p99 5.0 s of 100 records.");
  }

  @Test
  void withoutRecordsThereIsNoLatencyToDraw() {
    Plot plot = DrawLatency.of(new Latency(List.of()));

    assertThat(plot.isEmpty()).isTrue();
    assertThat(plot.summary()).isEqualTo("No record of this time is in all last tables.");
    assertThat(plot.figures()).hasSize(1);
  }

  @Test
  void filesAreCountedByTheirSize() {
    // Given
    List<DataFile> files =
        List.of(
            new DataFile(false, 16 << 10),
            new DataFile(false, (16 << 10) - 1),
            new DataFile(false, 600L << 20),
            new DataFile(true, 1 << 20));

    // When
    Plot plot = DrawFiles.of(history(Logs.ofTwentySeconds(), 0, 48, files));

    // Then
    assertThat(plot.categories())
        .containsExactly(
            "< 16 KiB", "< 128 KiB", "< 1 MiB", "< 16 MiB", "< 100 MiB", "< 512 MiB", "≥ 512 MiB");
    assertThat(plot.series())
        .extracting(Series::name, Series::tone, series -> ys(series))
        .containsExactly(
            tuple("bronze.t base", "bronze", List.of(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
            tuple("bronze.t logs", "bronze light", List.of(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)));
    assertThat(plot.figures()).contains(List.of("bronze.t", "3", "2", "1", "601.0 MiB", "600 MiB"));
    assertThat(plot.summary()).isEqualTo("4 files of 601.0 MiB.");
  }

  @Test
  void aCommitLastsUntilReadersSeeIt() {
    // Given the first commit of bronze is archived, so nothing says when it was opened
    List<TableLog> logs = Logs.ofTwentySeconds().bronze(30, 21, 29).logs(48);
    TableDefinition bronze = logs.get(0).table();
    History history =
        new History(
            Logs.START,
            Logs.at(48),
            logs,
            Map.of(bronze, Map.of("20", Duration.ofMillis(9_500), "30", Duration.ofSeconds(12))),
            List.of());

    // When
    Plot plot = DrawCommits.of(history);

    // Then
    assertThat(plot.series().get(0).points()).isEqualTo(points(20, 9.5, 30, 12));
    assertThat(plot.limits()).containsExactly(new Limit("checkpoint interval", 10));
    assertThat(plot.figures())
        .containsExactly(
            List.of("table", "commits", "median", "p95", "longest", "checkpoint interval"),
            List.of("bronze.t", "2", "9.5 s", "12.0 s", "12.0 s", "10.0 s"));
  }

  private static List<Double> ys(Series series) {
    return series.points().stream().map(Point::y).toList();
  }

  /** Seconds and values in turn. */
  private static List<Point> points(double... secondsAndValues) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < secondsAndValues.length; i += 2) {
      points.add(new Point(Logs.at(secondsAndValues[i]).toEpochMilli(), secondsAndValues[i + 1]));
    }
    return points;
  }

  private static History history(Logs logs, int from, int to) {
    return history(logs, from, to, List.of());
  }

  private static History history(Logs logs, int from, int to, List<DataFile> files) {
    List<TableLog> tables = logs.logs(to);
    Instant begin = Logs.at(from);
    return new History(
        begin,
        Logs.at(to),
        tables,
        Map.of(),
        List.of(new History.Files(tables.get(0).table(), files)));
  }
}
