package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.FormerRows;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.testing.OneSubtask;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

class KeepLastTest {
  private static final TableDefinition TABLE =
      new TableDefinition(
          Layer.GOLD,
          "totals",
          (RowType)
              DataTypes.ROW(
                      DataTypes.FIELD("region", DataTypes.STRING()),
                      DataTypes.FIELD("total", DataTypes.BIGINT()))
                  .notNull()
                  .getLogicalType(),
          List.of("region"),
          List.of(),
          Writing.UPSERT);

  private static final FormerRows NONE =
      new Lakehouse("file:///none", "totals")
          .former(StreamExecutionEnvironment.getExecutionEnvironment(), TABLE);

  @Test
  void nothingPassesBeforeTheBarrierAndThenTheLastRowOfEachGroup() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // When
      send(subtask, RowKind.INSERT, "EU", 1);
      send(subtask, RowKind.UPDATE_BEFORE, "EU", 1);
      send(subtask, RowKind.UPDATE_AFTER, "EU", 2);
      send(subtask, RowKind.INSERT, "US", 7);

      // Then
      assertThat(subtask.emitted()).isEmpty();

      // When
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              Row.ofKind(RowKind.INSERT, "EU", 2L), Row.ofKind(RowKind.INSERT, "US", 7L));
      assertThat(subtask.reported(1)).isEqualTo(counted(2, 2));
    }
  }

  @Test
  void aGroupWithoutItsKeyStopsTheJobWithWhatToDo() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      subtask.send(GenericRowData.ofKind(RowKind.INSERT, null, 1L));
      assertThatThrownBy(() -> subtask.checkpoint(1))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "A group of gold.totals has no region, which is in its key; a key must have a value. Give it one in the query (COALESCE), or quarantine events without one (not-null), and start aggregate-gold without a checkpoint.");
    }
  }

  @Test
  void aGroupThatChangesIsOneRowAndNotOneMore() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // Given
      send(subtask, RowKind.INSERT, "EU", 1);
      subtask.checkpoint(1);
      subtask.emitted();

      // When
      send(subtask, RowKind.UPDATE_BEFORE, "EU", 1);
      send(subtask, RowKind.UPDATE_AFTER, "EU", 3);
      subtask.checkpoint(2);

      // Then
      assertThat(subtask.emitted()).containsExactly(Row.ofKind(RowKind.INSERT, "EU", 3L));
      assertThat(subtask.reported(2)).isEqualTo(counted(1, 0));
    }
  }

  @Test
  void aGroupThatEmptiesAndFillsAgainIsOneRow() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // Given
      send(subtask, RowKind.INSERT, "EU", 1);
      subtask.checkpoint(1);
      subtask.emitted();

      // When
      send(subtask, RowKind.DELETE, "EU", 1);
      send(subtask, RowKind.INSERT, "EU", 5);
      subtask.checkpoint(2);

      // Then
      assertThat(subtask.emitted()).containsExactly(Row.ofKind(RowKind.INSERT, "EU", 5L));
      assertThat(subtask.reported(2)).isEqualTo(counted(1, 0));
    }
  }

  @Test
  void aGroupThatAppearsAndVanishesIsNothing() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // When
      send(subtask, RowKind.INSERT, "EU", 1);
      send(subtask, RowKind.UPDATE_BEFORE, "EU", 1);
      send(subtask, RowKind.UPDATE_AFTER, "EU", 2);
      send(subtask, RowKind.DELETE, "EU", 2);
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted()).isEmpty();
      assertThat(subtask.reported(1))
          .isEqualTo(
              new Progress(
                  Map.of(), Map.of(), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME));
    }
  }

  @Test
  void aGroupOfAMomentMayBeWithoutItsKey() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // When
      subtask.send(GenericRowData.ofKind(RowKind.INSERT, null, 1L));
      subtask.send(GenericRowData.ofKind(RowKind.DELETE, null, 1L));
      send(subtask, RowKind.INSERT, "EU", 1);
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted()).containsExactly(Row.ofKind(RowKind.INSERT, "EU", 1L));
      assertThat(subtask.reported(1)).isEqualTo(counted(1, 1));
    }
  }

  @Test
  void aGroupThatEmptiesIsADelete() throws Exception {
    try (OneSubtask subtask = keepLast().start()) {
      // Given
      send(subtask, RowKind.INSERT, "EU", 1);
      send(subtask, RowKind.INSERT, "US", 7);
      subtask.checkpoint(1);
      subtask.emitted();

      // When
      send(subtask, RowKind.UPDATE_BEFORE, "EU", 1);
      send(subtask, RowKind.UPDATE_AFTER, "EU", 2);
      send(subtask, RowKind.DELETE, "EU", 2);
      subtask.checkpoint(2);

      // Then
      assertThat(subtask.emitted()).containsExactly(Row.ofKind(RowKind.DELETE, "EU", 2L));
      assertThat(subtask.reported(2)).isEqualTo(counted(1, -1));
    }
  }

  @Test
  void nothingIsLeftOverForTheNextCheckpointNorForARestart() throws Exception {
    OperatorSubtaskState state;
    try (OneSubtask first = keepLast().start()) {
      // Given
      send(first, RowKind.INSERT, "EU", 1);
      state = first.checkpoint(1);
      first.emitted();

      // When
      first.checkpoint(2);

      // Then
      assertThat(first.emitted()).isEmpty();
      assertThat(first.reported(2)).isEqualTo(Progress.NONE);
      send(first, RowKind.INSERT, "US", 7);
    }

    // When
    try (OneSubtask second = keepLast().restore(1, state)) {
      send(second, RowKind.DELETE, "EU", 1);
      second.checkpoint(3);

      // Then
      assertThat(second.emitted()).containsExactly(Row.ofKind(RowKind.DELETE, "EU", 1L));
      assertThat(second.reported(3)).isEqualTo(counted(1, -1));
    }
  }

  private static OneSubtask keepLast() throws Exception {
    return OneSubtask.keyed(new KeepLast(TABLE, NONE), TABLE.columns(), new GroupKey(TABLE), 0, 1);
  }

  private static void send(OneSubtask subtask, RowKind kind, String region, long total)
      throws Exception {
    subtask.send(GenericRowData.ofKind(kind, StringData.fromString(region), total));
  }

  private static Progress counted(long changes, long rows) {
    return new Progress(
        Map.of(),
        rows == 0 ? Map.of("changes", changes) : Map.of("changes", changes, "rows", rows),
        Map.of(),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }
}
