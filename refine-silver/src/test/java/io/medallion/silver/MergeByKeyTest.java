package io.medallion.silver;

import static io.medallion.silver.TransactionEvents.correction;
import static io.medallion.silver.TransactionEvents.inPartition;
import static io.medallion.silver.TransactionEvents.insert;
import static io.medallion.silver.TransactionEvents.key;
import static io.medallion.silver.TransactionEvents.reversal;
import static io.medallion.silver.Transactions.EVENT_ROW;
import static io.medallion.silver.Transactions.PIPELINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SilverDefinition;
import io.medallion.schemas.Tables;
import io.medallion.testing.OneSubtask;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

class MergeByKeyTest {
  private static final RowType SILVER = Tables.silver(PIPELINE).columns();
  private static final LocalDateTime AT = LocalDateTime.parse("2023-11-14T22:13:20");
  private static final long DAY_MS = 86_400_000;
  private static final Duration LIFETIME = Duration.ofDays(90);

  @Test
  void anInsertMakesARowWithTheColumnsOfTheSelectAndThoseThatSilverAdds() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // When
      subtask.send(insert("T1", 0, 3, "10.00", "first"));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(row(RowKind.INSERT, "T1", 0, "10.00", "first", "1.0", 3, 3));
      assertThat(subtask.reported(1)).isEqualTo(counted(Map.of("applied", 1L), 1, 1));
    }
  }

  @Test
  void aCorrectedAmountChangesTheScoreToo() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When
      subtask.send(correction("T1", 1, 1, "-4.00", null));
      subtask.send(correction("T1", 2, 2, "0.00", "free"));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.UPDATE_AFTER, "T1", 0, "-4.00", "first", "0.8", 0, 1),
              row(RowKind.UPDATE_BEFORE, "T1", 0, "-4.00", "first", "0.8", 0, 1),
              row(RowKind.UPDATE_AFTER, "T1", 0, "0.00", "free", "0.5", 0, 2));
      assertThat(subtask.reported(1)).isEqualTo(counted(Map.of("applied", 3L), 5, 1));
    }
  }

  @Test
  void aReversalDeletesTheRowAsItWas() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When
      subtask.send(reversal("T1", 1, 1));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(row(RowKind.DELETE, "T1", 0, "10.00", "first", "1.0", 0, 0));
      assertThat(subtask.reported(1))
          .isEqualTo(counted(Map.of("applied", 1L, "deleted", 1L), 2, 0));
    }
  }

  @Test
  void aRowThatMovesToAnotherPartitionIsDeletedThereAndInsertedHere() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When
      subtask.send(insert("T1", DAY_MS, 1, "20.00", "second"));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.DELETE, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.INSERT, "T1", DAY_MS, "20.00", "second", "1.0", 1, 1));
      assertThat(subtask.reported(1)).isEqualTo(counted(Map.of("applied", 2L), 3, 1));
    }
  }

  @Test
  void eventsThatChangeNothingEmitNothingAndAreCounted() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // Given
      subtask.send(insert("T1", 5, 5, "10.00", "first"));
      subtask.emitted();

      // When: one twice, one that is older, a correction without a record
      subtask.send(insert("T1", 5, 5, "10.00", "first"));
      subtask.send(insert("T1", 1, 6, "20.00", "older"));
      subtask.send(correction("T2", 7, 7, "1.00", null));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted()).isEmpty();
      assertThat(subtask.reported(1))
          .isEqualTo(
              counted(
                  Map.of("applied", 1L, "duplicate", 1L, "superseded", 1L, "pending", 1L), 1, 1));
    }
  }

  @Test
  void eachEventIsCountedForItsOwnPartitionWhoeverMovesIt() throws Exception {
    try (OneSubtask subtask = merge(0, 1).start()) {
      // Given: corrections of two partitions wait
      subtask.send(inPartition(1, correction("T1", 5, 0, "11.00", null)));
      subtask.send(inPartition(2, correction("T1", 20, 0, null, "late")));
      subtask.checkpoint(1);

      // When: the record comes in a third, a reversal between the two and the same again
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.checkpoint(2);
      subtask.send(reversal("T1", 10, 1));
      subtask.send(inPartition(1, reversal("T1", 10, 1)));
      subtask.checkpoint(3);

      // Then
      assertThat(subtask.reported(1))
          .isEqualTo(
              new Progress(
                  Map.of(),
                  Map.of("pending", 2L),
                  Map.of(
                      "transactions-1", Map.of("pending", 1L),
                      "transactions-2", Map.of("pending", 1L)),
                  Progress.NO_EVENT_TIME,
                  Progress.NO_EVENT_TIME));
      assertThat(subtask.reported(2))
          .isEqualTo(
              counted(
                  Map.of(
                      "transactions-0", Map.of("applied", 1L),
                      "transactions-1", Map.of("applied", 1L, "pending", -1L),
                      "transactions-2", Map.of("applied", 1L, "pending", -1L)),
                  Map.of("applied", 3L, "pending", -2L),
                  1,
                  1));
      assertThat(subtask.reported(3))
          .isEqualTo(
              counted(
                  Map.of(
                      "transactions-0", Map.of("deleted", 0L, "duplicate", 1L),
                      "transactions-1", Map.of("deleted", 1L),
                      "transactions-2", Map.of("applied", -1L, "pending", 1L)),
                  Map.of("applied", -1L, "deleted", 1L, "duplicate", 1L, "pending", 1L),
                  1,
                  -1));
    }
  }

  @Test
  void whatAKeyHasSeenSurvivesARestart() throws Exception {
    OperatorSubtaskState state;
    try (OneSubtask first = merge(0, 1).start()) {
      // Given: a row, a deleted row, and a correction that waits for its row
      first.send(insert("T1", 0, 0, "10.00", "first"));
      first.send(insert("T2", 0, 1, "20.00", "gone"));
      first.send(reversal("T2", 10, 2));
      first.send(correction("T3", 10, 3, "33.00", null));
      state = first.checkpoint(1);
      first.send(correction("T1", 20, 4, "99.00", "lost with the failure"));
    }

    // When
    try (OneSubtask second = merge(0, 1).restore(1, state)) {
      second.send(correction("T1", 20, 5, "11.00", null));
      second.send(insert("T2", 5, 6, "21.00", "too late"));
      second.send(insert("T3", 5, 7, "30.00", "third"));
      second.checkpoint(2);

      // Then
      assertThat(second.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.UPDATE_AFTER, "T1", 0, "11.00", "first", "1.0", 0, 5),
              row(RowKind.INSERT, "T3", 5, "33.00", "third", "1.0", 7, 3));
      assertThat(second.reported(2))
          .isEqualTo(counted(Map.of("applied", 3L, "superseded", 1L, "pending", -1L), 3, 1));
    }
  }

  @Test
  void everyKeyFindsItsStateOnTwoSubtasksInsteadOfOne() throws Exception {
    List<String> keys = IntStream.range(0, 40).mapToObj(i -> "T" + i).toList();
    OperatorSubtaskState state;
    try (OneSubtask one = merge(0, 1).start()) {
      // Given
      for (String key : keys) {
        one.send(insert(key, 0, 0, "10.00", "first"));
      }
      state = one.checkpoint(1);
    }

    // When
    List<Row> emitted = new ArrayList<>();
    long rows = 0;
    for (int subtask = 0; subtask < 2; subtask++) {
      try (OneSubtask half = merge(subtask, 2).restore(1, subtask, 2, state)) {
        for (String key : keys) {
          if (subtaskOf(key) == subtask) {
            half.send(reversal(key, 1, 1));
          }
        }
        half.checkpoint(2);
        List<Row> ofHalf = half.emitted();
        assertThat(ofHalf).isNotEmpty();
        emitted.addAll(ofHalf);
        rows += half.reported(2).counter(Progress.ROWS);
      }
    }

    // Then
    assertThat(emitted)
        .containsExactlyInAnyOrderElementsOf(
            keys.stream()
                .map(key -> row(RowKind.DELETE, key, 0, "10.00", "first", "1.0", 0, 0))
                .toList());
    assertThat(rows).isEqualTo(-40);
  }

  @Test
  void aKeyOfWhichNothingCameForItsLifetimeIsSealed() throws Exception {
    OperatorSubtaskState state;
    try (OneSubtask subtask = withLifetime().at(0).start()) {
      // Given a key that a later event keeps alive, and one that none does
      subtask.send(withRecord(insert("T1", 0, 0, "10.00", "first")));
      subtask.send(withRecord(insert("T2", 0, 1, "20.00", "first")));
      subtask.at(LIFETIME.toMillis() - 1);
      subtask.send(withRecord(correction("T1", 1, 2, "11.00", null)));
      subtask.emitted();
      state = subtask.checkpoint(1);
    }
    try (OneSubtask subtask = withLifetime().at(LIFETIME.toMillis()).restore(1, state)) {
      // When
      subtask.send(withRecord(correction("T1", 2, 3, "12.00", null)));
      subtask.send(withRecord(correction("T2", 2, 4, "22.00", null)));
      subtask.send(withRecord(insert("T2", 3, 5, "23.00", "again")));
      subtask.send(withRecord(insert("T3", 3, 6, "30.00", "first")));
      subtask.send(reversal("T2", 4, 7));
      subtask.checkpoint(2);

      // Then nothing of the other key's row changes, and what was not replayed is set aside
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, "T1", 0, "11.00", "first", "1.0", 0, 2),
              row(RowKind.UPDATE_AFTER, "T1", 0, "12.00", "first", "1.0", 0, 3),
              row(RowKind.INSERT, "T3", 3, "30.00", "first", "1.0", 6, 6));
      assertThat(subtask.emittedTo(MergeByKey.sealed(EVENT_ROW)))
          .extracting(event -> event.getField("offset"))
          .containsExactly(4L, 5L);
      assertThat(subtask.reported(2))
          .isEqualTo(counted(Map.of("applied", 2L, "superseded", 1L), 3, 1));
    }
  }

  @Test
  void anEventOfASealedKeyIsARowOfTheQuarantineWithItsBytes() throws Exception {
    EventRow eventRow = new EventRow(Transactions.withLifetime(LIFETIME));
    try (OneSubtask subtask =
        OneSubtask.of(new QuarantineSealed(eventRow), Tables.quarantine(PIPELINE).columns())
            .at(1_700_000_000_000L)
            .start()) {
      // When
      subtask.send(withRecord(correction("T2", 2, 4, "22.00", null)));
      subtask.checkpoint(1);

      // Then
      Row row = subtask.emitted().get(0);
      assertThat(row.getField(Tables.TOPIC)).isEqualTo("transactions");
      assertThat(row.getField(Tables.OFFSET)).isEqualTo(4L);
      assertThat(row.getField(Tables.RECORD_KEY)).isEqualTo(new byte[] {1});
      assertThat(row.getField(Tables.PAYLOAD)).isEqualTo(new byte[] {2});
      assertThat(row.getField(Tables.RULES)).isEqualTo(new String[] {"state-lifetime"});
      assertThat(row.getField(Tables.REPLAYED_AT)).isNull();
      assertThat(subtask.reported(1).counter("transactions-0", Progress.QUARANTINED)).isOne();
      assertThat(subtask.reported(1).counter(Progress.QUARANTINED_BY + "state-lifetime")).isOne();
    }
  }

  @Test
  void whatCannotBeComputedOfWhatEventsMakeTogetherIsNullInAnyOrderOfThem() throws Exception {
    // Given events each of which passes the SELECT
    PipelineDefinition pipeline =
        Transactions.selecting(
            "CHAR_LENGTH(description) / CAST(amount AS INT)", "ratio", new IntType(), List.of());
    RowData first = insert("T1", 0, 0, "5.00", "first");
    RowData zero = correction("T1", 1, 1, "0.00", null);
    RowData one = correction("T1", 2, 2, "1.00", null);

    try (OneSubtask subtask = merge(pipeline).start()) {
      // When
      subtask.send(first);
      subtask.send(zero);
      subtask.checkpoint(1);

      // Then
      assertThat(ratios(subtask)).containsExactly("+I 1", "-U 1", "+U null");
      assertThat(subtask.reported(1).counter("warned.silver.sql")).isOne();

      // When
      subtask.send(one);
      subtask.checkpoint(2);

      // Then
      assertThat(ratios(subtask)).containsExactly("-U null", "+U 5");
      assertThat(subtask.reported(2).counter("warned.silver.sql")).isZero();
    }
    try (OneSubtask subtask = merge(pipeline).start()) {
      // When they come in another order
      subtask.send(zero);
      subtask.send(first);

      // Then
      assertThat(ratios(subtask)).containsExactly("+I null");
    }
  }

  @Test
  void aKeyThatCannotBeComputedOfWhatEventsMakeTogetherStopsTheJob() throws Exception {
    SilverDefinition silver =
        Transactions.selecting(
                "CHAR_LENGTH(description) / CAST(amount AS INT)", "ratio", new IntType(), List.of())
            .silver();
    PipelineDefinition pipeline =
        Transactions.with(
            new SilverDefinition(
                silver.sql(),
                silver.columns(),
                List.of("transaction_id", "ratio"),
                List.of(),
                silver.orderBy(),
                false,
                Duration.ZERO,
                silver.changes(),
                silver.expectations(),
                silver.referenceRules(),
                silver.gates()));
    try (OneSubtask subtask = merge(pipeline).start()) {
      subtask.send(insert("T1", 0, 0, "5.00", "first"));
      assertThatThrownBy(() -> subtask.send(correction("T1", 1, 1, "0.00", null)))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "Column ratio, which a row must have, cannot be computed for a record that its events make together. Change it in silver.sql so that it depends on nothing that a correction sets.");
    }
  }

  @Test
  void aPartitionThatNoFolderCanBeNamedAfterIsNone() throws Exception {
    PipelineDefinition pipeline =
        Transactions.selecting(
            "REPEAT(description, CAST(amount AS INT))",
            "label",
            new VarCharType(VarCharType.MAX_LENGTH),
            List.of("label"));
    try (OneSubtask subtask = merge(pipeline).start()) {
      // When
      subtask.send(insert("T1", 0, 0, "2.00", "first"));
      subtask.send(correction("T1", 1, 1, "50.00", null));
      subtask.checkpoint(1);

      // Then the row moves to the partition of those without a value
      assertThat(subtask.emitted())
          .extracting(MergeByKeyTest::lastSelected)
          .containsExactly("+I firstfirst", "-D firstfirst", "+I null");
      assertThat(subtask.reported(1).counter("warned.silver.sql")).isOne();
    }
  }

  private static List<String> ratios(OneSubtask subtask) {
    return subtask.emitted().stream().map(MergeByKeyTest::lastSelected).toList();
  }

  /** The last column of the SELECT. */
  private static String lastSelected(Row row) {
    return row.getKind().shortString()
        + " "
        + row.getField(PIPELINE.silver().columns().getFieldCount());
  }

  private static OneSubtask merge(PipelineDefinition pipeline) throws Exception {
    return OneSubtask.keyed(
        new MergeByKey(pipeline, EVENT_ROW),
        Tables.silver(pipeline).columns(),
        EVENT_ROW::key,
        0,
        1);
  }

  private static OneSubtask withLifetime() throws Exception {
    return OneSubtask.keyed(
        new MergeByKey(Transactions.withLifetime(LIFETIME), EVENT_ROW),
        SILVER,
        EVENT_ROW::key,
        0,
        1);
  }

  /** The event as it comes from bronze. */
  private static RowData withRecord(RowData event) {
    return new EventRow(Transactions.withLifetime(LIFETIME))
        .of(EVENT_ROW.key(event), EVENT_ROW.event(event), new byte[] {1}, new byte[] {2});
  }

  private static int subtaskOf(String id) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(key(id), 128, 2);
  }

  private static OneSubtask merge(int subtask, int parallelism) throws Exception {
    return OneSubtask.keyed(
        new MergeByKey(PIPELINE, EVENT_ROW), SILVER, EVENT_ROW::key, subtask, parallelism);
  }

  /** All events are of partition 0. */
  private static Progress counted(Map<String, Long> outcomes, long changes, long rows) {
    return counted(Map.of("transactions-0", outcomes), outcomes, changes, rows);
  }

  private static Progress counted(
      Map<String, Map<String, Long>> partitions,
      Map<String, Long> outcomes,
      long changes,
      long rows) {
    Map<String, Long> counters = new HashMap<>(outcomes);
    counters.put("changes", changes);
    counters.put("rows", rows);
    return new Progress(
        Map.of(), counters, partitions, Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }

  /** A silver row by the offsets of its insert and of the last event in it. */
  private static Row row(
      RowKind kind,
      String id,
      long time,
      String amount,
      String description,
      String score,
      long created,
      long modified) {
    LocalDateTime eventTime = AT.plusNanos(time * 1_000_000);
    return Row.ofKind(
        kind,
        id,
        "NEW",
        "C1",
        new BigDecimal(amount),
        "toys",
        "EU",
        description,
        eventTime,
        eventTime.toLocalDate(),
        new BigDecimal(score),
        null,
        AT.plusSeconds(created),
        AT.plusSeconds(modified),
        "transactions",
        0,
        modified);
  }
}
