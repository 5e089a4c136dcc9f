package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Span;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    // When
    AuditReport report = audit(12, LongStream.range(0, 12).toArray());

    // Then
    assertThat(report.findings()).isEmpty();
    assertThat(report.clean()).isTrue();
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
            org.assertj.core.groups.Tuple.tuple("bronze.transactions", 2L, 10L),
            org.assertj.core.groups.Tuple.tuple("silver.transactions", 1L, 3L),
            org.assertj.core.groups.Tuple.tuple("silver.transactions_quarantine", 1L, 2L),
            org.assertj.core.groups.Tuple.tuple("gold.daily_revenue", 1L, -1L));
    assertThat(report.tables().get(0).first()).isEqualTo(first);
    assertThat(report.tables().get(0).newest()).isEqualTo(second);
  }

  /** Silver, quarantine and gold that have read ten rows of bronze. */
  private void refined(String bronze) throws Exception {
    Span all = new Span(0, Long.parseLong(bronze));
    String silver = lake.silver(all, STATES, 3, "a", "b", "c");
    lake.quarantine(all, 2, 3, 4);
    lake.gold(new Span(0, Long.parseLong(silver)));
  }

  private AuditReport audit(long end, long... records) {
    return new Audit(
            Lake.PIPELINE,
            lake.warehouse(),
            () ->
                Optional.of(
                    new KafkaOffsets(
                        new RecordsInKafka(0, end, 500, records), "k:1", List.of("transactions"))))
        .run(AuditProgress.NONE);
  }
}
