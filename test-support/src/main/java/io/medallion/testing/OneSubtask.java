package io.medallion.testing;

import io.medallion.io.Input;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;

/** One subtask of an operator of ours in Flink's test harness, with what it emits and reports. */
public final class OneSubtask implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;

  private final OneInputStreamOperatorTestHarness<RowData, RowData> harness;
  private final RowType columns;
  private final Map<Long, Progress> reports = new HashMap<>();
  private int reportsSeen;

  private OneSubtask(OneInputStreamOperatorTestHarness<RowData, RowData> harness, RowType columns) {
    this.harness = harness;
    this.columns = columns;
    harness.setup(new RowDataSerializer(columns));
  }

  /**
   * A subtask that is not started yet.
   *
   * @param columns what the operator emits
   */
  public static OneSubtask of(ReportingOperator operator, RowType columns) throws Exception {
    return new OneSubtask(
        new OneInputStreamOperatorTestHarness<>(operator, MAX_PARALLELISM, 1, 0), columns);
  }

  /** A subtask of a keyed operator that is not started yet, one of so many. */
  public static OneSubtask keyed(
      ReportingOperator operator,
      RowType columns,
      KeySelector<RowData, String> key,
      int subtask,
      int parallelism)
      throws Exception {
    return new OneSubtask(
        new KeyedOneInputStreamOperatorTestHarness<>(
            operator, key, Types.STRING, MAX_PARALLELISM, parallelism, subtask),
        columns);
  }

  /** Starts without state. */
  public OneSubtask start() throws Exception {
    harness.initializeEmptyState();
    harness.open();
    return this;
  }

  /**
   * Starts from the states that the subtasks had at a checkpoint, of which it takes its share.
   *
   * @param subtask which of the subtasks it is now
   * @param parallelism how many there are now
   */
  public OneSubtask restore(
      long checkpointId, int subtask, int parallelism, OperatorSubtaskState... states)
      throws Exception {
    harness.setRestoredCheckpointId(checkpointId);
    harness.initializeState(
        AbstractStreamOperatorTestHarness.repartitionOperatorState(
            AbstractStreamOperatorTestHarness.repackageState(states),
            MAX_PARALLELISM,
            states.length,
            parallelism,
            subtask));
    harness.open();
    return this;
  }

  /** Starts the only subtask from the state of one. */
  public OneSubtask restore(long checkpointId, OperatorSubtaskState state) throws Exception {
    return restore(checkpointId, 0, 1, state);
  }

  /** The time on the machine's clock. */
  public OneSubtask at(long epochMillis) throws Exception {
    harness.setProcessingTime(epochMillis);
    harness.setStateTtlProcessingTime(epochMillis);
    return this;
  }

  public void send(RowData row) throws Exception {
    harness.processElement(new StreamRecord<>(row));
  }

  /** The barrier of a checkpoint passes. */
  public OperatorSubtaskState checkpoint(long checkpointId) throws Exception {
    harness.prepareSnapshotPreBarrier(checkpointId);
    Progress reported = Progress.NONE;
    if (harness.getSideOutput(Input.REPORTS) != null) {
      List<StreamRecord<Row>> all = List.copyOf(harness.getSideOutput(Input.REPORTS));
      for (StreamRecord<Row> report : all.subList(reportsSeen, all.size())) {
        reported = reported.plus(Input.progress(report.getValue()));
      }
      reportsSeen = all.size();
    }
    reports.put(checkpointId, reported);
    return harness.snapshot(checkpointId, 0);
  }

  /** What it emitted since the last look. */
  public List<Row> emitted() {
    List<Row> rows =
        harness.extractOutputValues().stream().map(row -> external(columns, row)).toList();
    harness.getOutput().clear();
    return rows;
  }

  /** All that it emitted to the side. */
  public List<Row> emittedTo(OutputTag<RowData> tag) {
    RowType type = ((InternalTypeInfo<RowData>) tag.getTypeInfo()).toRowType();
    return harness.getSideOutput(tag) == null
        ? List.of()
        : harness.getSideOutput(tag).stream()
            .map(record -> external(type, record.getValue()))
            .toList();
  }

  /** What it reported for a checkpoint: what it has counted since the one before. */
  public Progress reported(long checkpointId) {
    return reports.get(checkpointId);
  }

  private static Row external(RowType type, RowData row) {
    DataStructureConverter<Object, Object> converter =
        DataStructureConverters.getConverter(TypeConversions.fromLogicalToDataType(type));
    converter.open(OneSubtask.class.getClassLoader());
    return (Row) converter.toExternal(row);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
