package io.medallion.silver;

import static io.medallion.silver.TransactionEvents.correction;
import static io.medallion.silver.TransactionEvents.insert;
import static io.medallion.silver.TransactionEvents.reversal;
import static io.medallion.silver.Transactions.EVENT_ROW;
import static io.medallion.silver.Transactions.HISTORY;
import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Progress;
import io.medallion.schemas.Tables;
import io.medallion.testing.OneSubtask;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.annotation.Nullable;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

class KeepHistoryTest {
  private static final RowType SILVER = Tables.silver(HISTORY).columns();
  private static final LocalDateTime AT = LocalDateTime.parse("2023-11-14T22:13:20");
  private static final long DAY_MS = 86_400_000;

  @Test
  void aVersionHasTheColumnsOfTheSelectThenItsTimeThenThoseThatSilverAdds() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // When
      subtask.send(insert("T1", 0, 3, "10.00", "first"));
      subtask.checkpoint(1);

      // Then
      assertThat(SILVER.getFieldNames())
          .containsSubsequence(
              "_quality_score", "valid_from", "valid_to", "is_current", "_rescued_data");
      assertThat(subtask.emitted())
          .containsExactly(row(RowKind.INSERT, 0, null, "T1", 0, "10.00", "first", "1.0", 3, 3));
      assertThat(subtask.reported(1)).isEqualTo(counted(Map.of("applied", 1L), 1, 1));
    }
  }

  @Test
  void aNewerEventEndsTheRowBeforeItAndTouchesNoOther() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.send(insert("T1", 10, 1, "20.00", "second"));
      subtask.emitted();

      // When
      subtask.send(correction("T1", 20, 2, "-4.00", null));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, 10, null, "T1", 10, "20.00", "second", "1.0", 1, 1),
              row(RowKind.UPDATE_AFTER, 10, 20L, "T1", 10, "20.00", "second", "1.0", 1, 1),
              row(RowKind.INSERT, 20, null, "T1", 10, "-4.00", "second", "0.8", 1, 2));
      assertThat(subtask.reported(1)).isEqualTo(counted(Map.of("applied", 3L), 7, 3));
    }
  }

  @Test
  void aLateEventOnAnotherDaySplitsARow() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.send(insert("T1", 2 * DAY_MS, 1, "30.00", "third"));
      subtask.emitted();

      // When
      subtask.send(insert("T1", DAY_MS, 2, "20.00", "second"));

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, 0, 2 * DAY_MS, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.UPDATE_AFTER, 0, DAY_MS, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(
                  RowKind.INSERT,
                  DAY_MS,
                  2 * DAY_MS,
                  "T1",
                  DAY_MS,
                  "20.00",
                  "second",
                  "1.0",
                  2,
                  2));
    }
  }

  @Test
  void aReversalEndsTheCurrentRow() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When
      subtask.send(reversal("T1", 10, 1));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, 0, null, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.UPDATE_AFTER, 0, 10L, "T1", 0, "10.00", "first", "1.0", 0, 0));
      assertThat(subtask.reported(1))
          .isEqualTo(counted(Map.of("applied", 1L, "deleted", 1L), 3, 1));
    }
  }

  @Test
  void aRowThatMovesToAnotherPartitionIsDeletedThereAndInsertedHere() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given: the event's own time decides its partition, and its order value where it begins
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When: a later one of the same order value
      RowData moved = insert("T1", DAY_MS, 1, "20.00", "second");
      Event event = EVENT_ROW.event(moved);
      Version at = event.at();
      subtask.send(
          EVENT_ROW.of(
              EVENT_ROW.key(moved),
              new Event(
                  event.kind(),
                  new Version(at.order() - DAY_MS * 1_000, 0, at.offset(), at.topic()),
                  event.kafkaTimestamp(),
                  event.row(),
                  event.rescued())));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.DELETE, 0, null, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.INSERT, 0, null, "T1", DAY_MS, "20.00", "second", "1.0", 1, 1));
      assertThat(subtask.reported(1))
          .isEqualTo(counted(Map.of("applied", 1L, "superseded", 1L), 3, 1));
    }
  }

  @Test
  void aRowWhoseEventIsTakenBackByOneOfItsOrderValueIsDeleted() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given
      subtask.send(insert("T1", 0, 0, "10.00", "first"));
      subtask.emitted();

      // When
      subtask.send(reversal("T1", 0, 1));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(row(RowKind.DELETE, 0, null, "T1", 0, "10.00", "first", "1.0", 0, 0));
      assertThat(subtask.reported(1))
          .isEqualTo(counted(Map.of("applied", 0L, "superseded", 1L, "deleted", 1L), 2, 0));
    }
  }

  @Test
  void eventsThatChangeNothingEmitNothingAndAreCounted() throws Exception {
    try (OneSubtask subtask = keep().start()) {
      // Given
      subtask.send(insert("T1", 5, 5, "10.00", "first"));
      subtask.emitted();

      // When: one twice, one that is hidden, corrections of nothing and of no record
      subtask.send(insert("T1", 5, 5, "10.00", "first"));
      subtask.send(insert("T1", 5, 4, "20.00", "hidden"));
      subtask.send(correction("T1", 6, 6, null, null));
      subtask.send(correction("T1", 1, 7, "1.00", null));
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted()).isEmpty();
      assertThat(subtask.reported(1))
          .isEqualTo(
              counted(
                  Map.of("applied", 1L, "duplicate", 2L, "superseded", 1L, "pending", 1L), 1, 1));
    }
  }

  @Test
  void whatAKeyHasSeenSurvivesARestart() throws Exception {
    OperatorSubtaskState state;
    try (OneSubtask first = keep().start()) {
      // Given: two versions, and a correction that waits for its record
      first.send(insert("T1", 0, 0, "10.00", "first"));
      first.send(correction("T1", 20, 1, "12.00", null));
      first.send(correction("T2", 10, 2, "33.00", null));
      state = first.checkpoint(1);
      first.send(reversal("T1", 30, 3));
    }

    // When
    try (OneSubtask second = keep().restore(1, state)) {
      second.send(correction("T1", 10, 4, "11.00", "late"));
      second.send(insert("T2", 5, 5, "30.00", "second"));
      second.send(insert("T1", 0, 0, "10.00", "first"));
      second.checkpoint(2);

      // Then
      assertThat(second.emitted())
          .containsExactly(
              row(RowKind.UPDATE_BEFORE, 0, 20L, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.UPDATE_AFTER, 0, 10L, "T1", 0, "10.00", "first", "1.0", 0, 0),
              row(RowKind.INSERT, 10, 20L, "T1", 0, "11.00", "late", "1.0", 0, 4),
              row(RowKind.UPDATE_BEFORE, 20, null, "T1", 0, "12.00", "first", "1.0", 0, 1),
              row(RowKind.UPDATE_AFTER, 20, null, "T1", 0, "12.00", "late", "1.0", 0, 1),
              row(RowKind.INSERT, 5, 10L, "T2", 5, "30.00", "second", "1.0", 5, 5),
              row(RowKind.INSERT, 10, null, "T2", 5, "33.00", "second", "1.0", 5, 2));
      assertThat(second.reported(2))
          .isEqualTo(counted(Map.of("applied", 3L, "duplicate", 1L, "pending", -1L), 7, 3));
    }
  }

  /** Rows found one by one in Flink's state, with restarts in between, are those of any order. */
  @Test
  void manyKeysInAnyOrderOfArrivalAcrossRestartsHaveTheRowsOfTheirEventsInOrder() throws Exception {
    Random random = new Random(1);
    List<RowData> events = new ArrayList<>();
    for (int offset = 0; offset < 600; offset++) {
      events.add(event(random, "T" + random.nextInt(20), offset));
    }
    Set<Row> inOrder = new HashSet<>();
    Progress expected;
    try (OneSubtask subtask = keep().start()) {
      for (RowData event : events) {
        subtask.send(event);
      }
      subtask.checkpoint(1);
      apply(subtask.emitted(), inOrder);
      expected = subtask.reported(1);
    }
    assertThat(inOrder).hasSizeGreaterThan(200);

    for (int i = 0; i < 5; i++) {
      Collections.shuffle(events, random);
      Set<Row> rows = new HashSet<>();
      Progress counted = Progress.NONE;
      OperatorSubtaskState state = null;
      for (int part = 0; part < 3; part++) {
        try (OneSubtask subtask = state == null ? keep().start() : keep().restore(part, state)) {
          for (RowData event : events.subList(part * 200, (part + 1) * 200)) {
            subtask.send(event);
          }
          state = subtask.checkpoint(part + 1);
          apply(subtask.emitted(), rows);
          counted = counted.plus(subtask.reported(part + 1));
        }
      }
      assertThat(rows).isEqualTo(inOrder);
      assertThat(outcomes(counted)).isEqualTo(outcomes(expected));
    }
  }

  private static RowData event(Random random, String id, int offset) {
    long time = random.nextInt(40);
    String amount = random.nextInt(3) + ".00";
    return switch (random.nextInt(5)) {
      case 0, 1 -> insert(id, time, offset, amount, "d" + random.nextInt(2));
      case 2 -> reversal(id, time, offset);
      default -> correction(id, time, offset, amount, null);
    };
  }

  /** Fails when a row goes that is not there, or comes that is. */
  private static void apply(List<Row> changes, Set<Row> rows) {
    for (Row change : changes) {
      RowKind kind = change.getKind();
      change.setKind(RowKind.INSERT);
      boolean comes = kind == RowKind.INSERT || kind == RowKind.UPDATE_AFTER;
      assertThat(comes ? rows.add(change) : rows.remove(change))
          .as(() -> kind.shortString() + " " + change)
          .isTrue();
    }
  }

  private static Map<String, Long> outcomes(Progress progress) {
    Map<String, Long> outcomes = new HashMap<>(progress.counters());
    outcomes.remove(Progress.CHANGES);
    outcomes.values().removeIf(count -> count == 0);
    return outcomes;
  }

  private static OneSubtask keep() throws Exception {
    return OneSubtask.keyed(new KeepHistory(HISTORY, EVENT_ROW), SILVER, EVENT_ROW::key, 0, 1);
  }

  private static Progress counted(Map<String, Long> outcomes, long changes, long rows) {
    Map<String, Long> counters = new HashMap<>(outcomes);
    counters.put("changes", changes);
    counters.put("rows", rows);
    Map<String, Long> ofPartition = new HashMap<>(outcomes);
    return new Progress(
        Map.of(),
        counters,
        Map.of("transactions-0", ofPartition),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }

  /**
   * A silver row, valid so many milliseconds after the start, by the time of its insert's event and
   * the offsets of its insert and of the last event in it.
   */
  private static Row row(
      RowKind kind,
      long from,
      @Nullable Long to,
      String id,
      long time,
      String amount,
      String description,
      String score,
      long created,
      long modified) {
    LocalDateTime eventTime = after(time);
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
        after(from),
        to == null ? null : after(to),
        to == null,
        null,
        AT.plusSeconds(created),
        AT.plusSeconds(modified),
        "transactions",
        0,
        modified);
  }

  private static LocalDateTime after(long millis) {
    return AT.plusNanos(millis * 1_000_000);
  }
}
