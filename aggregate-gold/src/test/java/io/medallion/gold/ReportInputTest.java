package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.testing.OneSubtask;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

class ReportInputTest {
  private static final TableDefinition SILVER =
      new TableDefinition(
          Layer.SILVER,
          "orders",
          (RowType)
              DataTypes.ROW(
                      DataTypes.FIELD("id", DataTypes.STRING()),
                      DataTypes.FIELD("version", DataTypes.BIGINT()),
                      DataTypes.FIELD("time", DataTypes.TIMESTAMP(3)))
                  .notNull()
                  .getLogicalType(),
          List.of("id"),
          List.of(),
          Writing.CHANGELOG);

  @Test
  void everyChangeIsCountedAndPassesAsItIs() throws Exception {
    try (OneSubtask subtask = report("time").start()) {
      // When
      for (RowKind kind : RowKind.values()) {
        send(subtask, kind, 1_000L);
      }
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.emitted())
          .containsExactly(
              row(RowKind.INSERT),
              row(RowKind.UPDATE_BEFORE),
              row(RowKind.UPDATE_AFTER),
              row(RowKind.DELETE));
      assertThat(subtask.reported(1))
          .isEqualTo(new Progress(Map.of(), Map.of("input", 4L), Map.of(), 1_000, 1_000));
    }
  }

  @Test
  void theEventTimesAreThoseOfRowsThatAreThere() throws Exception {
    try (OneSubtask subtask = report("time").start()) {
      // When
      send(subtask, RowKind.INSERT, 5_000L);
      send(subtask, RowKind.UPDATE_AFTER, 3_000L);
      send(subtask, RowKind.INSERT, null);
      send(subtask, RowKind.UPDATE_BEFORE, 1_000L);
      send(subtask, RowKind.DELETE, 9_000L);
      subtask.checkpoint(1);
      subtask.checkpoint(2);

      // Then
      assertThat(subtask.reported(1))
          .isEqualTo(new Progress(Map.of(), Map.of("input", 5L), Map.of(), 3_000, 5_000));
      assertThat(subtask.reported(2)).isEqualTo(Progress.NONE);
    }
  }

  @Test
  void anOrderThatIsNoTimeGivesNone() throws Exception {
    try (OneSubtask subtask = report("version").start()) {
      // When
      send(subtask, RowKind.INSERT, 5_000L);
      subtask.checkpoint(1);

      // Then
      assertThat(subtask.reported(1)).isEqualTo(withoutTimes(1));
    }
  }

  private static OneSubtask report(String orderBy) throws Exception {
    return OneSubtask.of(new ReportInput(SILVER, orderBy), SILVER.columns());
  }

  private static void send(OneSubtask subtask, RowKind kind, @Nullable Long time) throws Exception {
    subtask.send(
        GenericRowData.ofKind(
            kind,
            StringData.fromString("O1"),
            7L,
            time == null ? null : TimestampData.fromEpochMillis(time)));
  }

  private static Row row(RowKind kind) {
    return Row.ofKind(kind, "O1", 7L, LocalDateTime.parse("1970-01-01T00:00:01"));
  }

  private static Progress withoutTimes(long input) {
    return new Progress(
        Map.of(), Map.of("input", input), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }
}
