package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.InvalidConfigurationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real tables; what there is to find in a partition or between commits is tested for itself. */
class AuditTest {
  private static final Map<String, Long> STATES =
      Map.of(
          "applied",
          5L,
          "superseded",
          1L,
          "duplicate",
          1L,
          "quarantined",
          2L,
          "pending",
          0L,
          "deleted",
          1L);

  @TempDir Path folder;
  private Lake lake;

  @BeforeEach
  void open() {
    lake = new Lake(folder);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void aPipelineWhereAllAddsUpIsClean() throws Exception {
    // Given
    String first = lake.bronze(new Span(0, 6), 6, 0, 1, 2, 3, 4, 5);
    String second = lake.bronze(new Span(6, 10), 10, 6, 7, 8, 9);
    refined(second);
    List<String> heard = new ArrayList<>();

    // When
    AuditReport report = audit(kafka(12), (what, done) -> heard.add("%d %s".formatted(done, what)));

    // Then
    assertThat(report.findings()).isEmpty();
    assertThat(report.clean()).isTrue();
    assertThat(report.pipeline()).isEqualTo("transactions");
    assertThat(report.kafkaAsked()).isTrue();
    assertThat(report.offsets()).isEqualTo(10);
    assertThat(report.partitions())
        .containsExactly(
            new PartitionLedger(
                "transactions-0",
                new Span(0, 12),
                new Span(0, 10),
                10,
                0,
                0,
                0,
                0,
                10,
                STATES,
                0,
                2));
    assertThat(report.tables())
        .extracting(TableLedger::table, TableLedger::commits, TableLedger::rows)
        .containsExactly(
            tuple("bronze.transactions", 2L, 10L),
            tuple("silver.transactions", 1L, 3L),
            tuple("silver.transactions_quarantine", 1L, 2L),
            tuple("gold.daily_revenue", 1L, -1L));
    assertThat(report.tables().get(0).first()).isEqualTo(first);
    assertThat(report.tables().get(0).newest()).isEqualTo(second);
    assertThat(heard)
        .contains(
            "5 commits",
            "10 rows of bronze.transactions",
            "2 rows of silver.transactions_quarantine",
            "3 rows of silver.transactions");
  }

  @Test
  void whatIsBrokenInEachTableIsFoundInOneGo() throws Exception {
    // Given bronze without 2, twice 4, with 20 that no commit took, and a foreign commit
    String first = lake.bronze(new Span(0, 5), 5, 0, 1, 3, 4, 4);
    String foreign = lake.table(Lake.BRONZE).commitForeign(Lake.bronzeRow(0, 20));
    String second = lake.bronze(new Span(7, 10), 8, 7, 8, 9);
    // Given silver that counts two rows and has three, and quarantine that lacks one
    long all = Long.parseLong(second);
    String silver = lake.silver(new Span(0, all), STATES, 2, "a", "b", "c");
    lake.quarantine(new Span(0, all), 2, 3);
    // Given gold with an overlap, that has read an unknown commit
    String gold = lake.gold(new Span(0, 500));
    String goldAgain = lake.gold(new Span(400, 600));

    // When
    AuditReport report = audit(kafka(10), AuditProgress.NONE);

    // Then
    assertThat(report.clean()).isFalse();
    assertThat(report.findings())
        .containsExactly(
            finding(
                Finding.Kind.MISSING_OFFSETS,
                "transactions-0: offset 2 is missing in bronze.transactions; Kafka has records there.",
                "transactions-0: offsets 5 to 6 (2) are missing in bronze.transactions; Kafka has records there."),
            finding(
                Finding.Kind.DOUBLED_OFFSETS,
                "transactions-0: offset 4 has more than one row in bronze.transactions."),
            finding(
                Finding.Kind.UNACCOUNTED_OFFSETS,
                "transactions-0: offset 20 has a row in bronze.transactions, but its commits took 0 to 10 only."),
            finding(
                Finding.Kind.BRONZE_ROWS,
                "transactions-0: bronze.transactions has 9 rows, but its commit %s counts 8 rows."
                    .formatted(second)),
            finding(
                Finding.Kind.STATES,
                "transactions-0: silver.transactions has read 9 rows of bronze.transactions, but its final states are of 10: applied 5, superseded 1, duplicate 1, quarantined 2, pending 0, deleted 1."),
            finding(
                Finding.Kind.SILVER_ROWS,
                "silver.transactions has 3 rows, but its commit %s counts 2.".formatted(silver)),
            finding(
                Finding.Kind.QUARANTINE_ROWS,
                "transactions-0: silver.transactions_quarantine has 1 rows, but its commit %s counts 2 quarantined events."
                    .formatted(report.tables().get(2).newest())),
            finding(
                Finding.Kind.GAP,
                "Commit %s of bronze.transactions took 7 to 10 of transactions-0, commit %s before it 0 to 5: 5 to 7 is in neither."
                    .formatted(second, first)),
            finding(
                Finding.Kind.OVERLAP,
                "Commit %s of gold.daily_revenue took 400 to 600 of silver.transactions, commit %s before it 0 to 500: 400 to 500 is in both."
                    .formatted(goldAgain, gold)),
            finding(
                Finding.Kind.NO_POSITION,
                "Commit %s of bronze.transactions carries no position.".formatted(foreign)),
            finding(
                Finding.Kind.UNKNOWN_INPUT,
                "gold.daily_revenue has read silver.transactions up to 600, which is no commit of it."));
  }

  @Test
  void aPipelineThatRunsAuditsClean() throws Exception {
    // Given
    String first = lake.bronze(new Span(0, 10), 10, LongStream.range(0, 10).toArray());
    refined(first);
    String second = lake.bronze(new Span(10, 12), 12, 10, 11);
    Supplier<Optional<KafkaOffsets>> kafka =
        () -> {
          // Every table goes on while its commits are fixed already.
          try {
            String third = lake.bronze(new Span(12, 14), 14, 12, 13);
            Span more = new Span(Long.parseLong(first), Long.parseLong(third));
            lake.quarantine(more, 3, 12);
            lake.silver(more, Map.of("applied", 11L, "quarantined", 3L), 5, "d", "e");
          } catch (Exception failure) {
            throw new IllegalStateException(failure);
          }
          return kafka(20).get();
        };

    // When
    AuditReport report = audit(kafka, AuditProgress.NONE);

    // Then
    assertThat(report.findings()).isEmpty();
    assertThat(report.partitions())
        .containsExactly(
            new PartitionLedger(
                "transactions-0",
                new Span(0, 20),
                new Span(0, 12),
                12,
                0,
                0,
                0,
                0,
                10,
                STATES,
                2,
                8));
    assertThat(report.tables().get(0).newest()).isEqualTo(second);
    assertThat(report.tables()).extracting(TableLedger::rows).containsExactly(12L, 3L, 2L, -1L);
  }

  @Test
  void partitionsAreAuditedEachForItself() throws Exception {
    // Given
    lake.table(Lake.BRONZE)
        .commit(
            Lake.progress(
                Map.of("transactions-0", new Span(0, 1), "transactions-1", new Span(40, 42)),
                Map.of(Progress.ROWS, 3L),
                Map.of(
                    "transactions-0", Map.of(Progress.ROWS, 1L),
                    "transactions-1", Map.of(Progress.ROWS, 2L))),
            Lake.bronzeRow(1, 40),
            Lake.bronzeRow(0, 0),
            Lake.bronzeRow(1, 41));

    // When
    AuditReport report =
        Audit.withoutKafka(Lake.PIPELINE, lake.warehouse()).run(AuditProgress.NONE);

    // Then
    assertThat(report.findings()).isEmpty();
    assertThat(report.kafkaAsked()).isFalse();
    assertThat(report.offsets()).isZero();
    assertThat(report.partitions())
        .extracting(
            PartitionLedger::partition,
            PartitionLedger::committed,
            PartitionLedger::rows,
            PartitionLedger::notYetRefined)
        .containsExactly(
            tuple("transactions-0", new Span(0, 1), 1L, 1L),
            tuple("transactions-1", new Span(40, 42), 2L, 2L));
    assertThat(report.tables())
        .extracting(TableLedger::table, TableLedger::commits, TableLedger::newest)
        .contains(tuple("silver.transactions", 0L, ""));
  }

  @Test
  void aWarehouseWithoutTheTableIsRefused() {
    assertThatThrownBy(() -> audit(kafka(1), AuditProgress.NONE))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            """
            The warehouse cannot be used, 1 problem:
              - command line: --warehouse: found %s, expected a warehouse with a table \
            bronze.transactions. Correct the address or the pipeline, or start ingest-bronze."""
                .formatted(lake.warehouse()));
  }

  /** Silver, quarantine and gold that have read ten rows of bronze. */
  private void refined(String bronze) throws Exception {
    Span all = new Span(0, Long.parseLong(bronze));
    String silver = lake.silver(all, STATES, 3, "a", "b", "c");
    lake.quarantine(all, 2, 3, 4);
    lake.gold(new Span(0, Long.parseLong(silver)));
  }

  private AuditReport audit(Supplier<Optional<KafkaOffsets>> kafka, AuditProgress progress) {
    return new Audit(Lake.PIPELINE, lake.warehouse(), kafka).run(progress);
  }

  /** A Kafka with a record at each offset. */
  private static Supplier<Optional<KafkaOffsets>> kafka(long end) {
    return () ->
        Optional.of(
            new KafkaOffsets(
                new RecordsInKafka(0, end, 500, LongStream.range(0, end).toArray()),
                "k:1",
                List.of("transactions")));
  }

  private static Finding finding(Finding.Kind kind, String... words) {
    return new Finding(kind, words.length, List.of(words));
  }
}
