package io.medallion.bronze;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.testing.OneSubtask;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;

class StampBatchTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));
  private static final RowType BRONZE = Tables.bronze(PIPELINE).columns();

  @Test
  void aRecordCarriesTheCheckpointThatBringsIt() throws Exception {
    try (OneSubtask subtask = OneSubtask.of(new StampBatch(BRONZE), BRONZE).start()) {
      // When
      subtask.send(record(0, 7));
      subtask.checkpoint(1);
      subtask.send(record(0, 8));
      subtask.checkpoint(5);
      subtask.send(record(1, 0));

      // Then
      assertThat(subtask.emitted())
          .containsExactly(stamped(0, 7, 1), stamped(0, 8, 2), stamped(1, 0, 6));
    }
  }

  @Test
  void aRestoredSubtaskGoesOnWithTheCheckpointAfterTheRestoredOne() throws Exception {
    OperatorSubtaskState state;
    try (OneSubtask first = OneSubtask.of(new StampBatch(BRONZE), BRONZE).start()) {
      // Given
      first.send(record(0, 7));
      state = first.checkpoint(9);
      first.send(record(0, 8));
    }

    // When
    try (OneSubtask second = OneSubtask.of(new StampBatch(BRONZE), BRONZE).restore(9, state)) {
      second.send(record(0, 8));

      // Then
      assertThat(second.emitted()).containsExactly(stamped(0, 8, 10));
    }
  }

  @Test
  void itReportsForEachCheckpointTheRowsOfEachPartition() throws Exception {
    try (OneSubtask subtask = OneSubtask.of(new StampBatch(BRONZE), BRONZE).start()) {
      // When
      subtask.send(record(0, 7));
      subtask.send(record(0, 8));
      subtask.send(record(1, 0));
      subtask.checkpoint(1);
      subtask.checkpoint(2);
      subtask.send(record(1, 1));
      subtask.checkpoint(3);

      // Then
      assertThat(subtask.reported(1))
          .isEqualTo(
              new Progress(
                  Map.of(),
                  Map.of("input", 3L, "rows", 3L, "changes", 3L),
                  Map.of(
                      "transactions-0", Map.of("rows", 2L), "transactions-1", Map.of("rows", 1L)),
                  1_700_000_000_000L,
                  1_700_000_008_000L));
      assertThat(subtask.reported(2)).isEqualTo(Progress.NONE);
      assertThat(subtask.reported(3))
          .isEqualTo(
              new Progress(
                  Map.of(),
                  Map.of("input", 1L, "rows", 1L, "changes", 1L),
                  Map.of("transactions-1", Map.of("rows", 1L)),
                  1_700_000_001_000L,
                  1_700_000_001_000L));
    }
  }

  /** A record whose Kafka timestamp is its offset's, in seconds from the first. */
  private static RowData record(int partition, long offset) {
    return GenericRowData.of(
        StringData.fromString("transactions"),
        partition,
        offset,
        TimestampData.fromEpochMillis(1_700_000_000_000L + offset * 1_000),
        "key".getBytes(StandardCharsets.UTF_8),
        null,
        null,
        TimestampData.fromEpochMillis(1_700_000_100_000L),
        null,
        StringData.fromString("erp_system"),
        StringData.fromString("2023-11-14"));
  }

  private static Row stamped(int partition, long offset, long batch) {
    return Row.of(
        "transactions",
        partition,
        offset,
        LocalDateTime.parse("2023-11-14T22:13:20").plusSeconds(offset),
        "key".getBytes(StandardCharsets.UTF_8),
        null,
        null,
        LocalDateTime.parse("2023-11-14T22:15:00"),
        batch,
        "erp_system",
        "2023-11-14");
  }
}
