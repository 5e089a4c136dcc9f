package io.medallion.testing;

import io.medallion.io.Progress;
import io.medallion.io.ProgressReporter.Reported;
import io.medallion.io.ReportingOperator;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorEventDispatcher;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.operators.coordination.OperatorEventHandler;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
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
  private final List<Reported> reports;

  private OneSubtask(
      OneInputStreamOperatorTestHarness<RowData, RowData> harness,
      RowType columns,
      List<Reported> reports) {
    this.harness = harness;
    this.columns = columns;
    this.reports = reports;
    harness.setup(new RowDataSerializer(columns));
  }

  /**
   * A subtask that is not started yet.
   *
   * @param columns what the operator emits
   */
  public static OneSubtask of(ReportingOperator operator, RowType columns) throws Exception {
    List<Reported> reports = new ArrayList<>();
    return new OneSubtask(
        new OneInputStreamOperatorTestHarness<>(
            new RecordingFactory(operator, reports), MAX_PARALLELISM, 1, 0),
        columns,
        reports);
  }

  /** A subtask of a keyed operator that is not started yet, one of so many. */
  public static OneSubtask keyed(
      ReportingOperator operator,
      RowType columns,
      KeySelector<RowData, String> key,
      int subtask,
      int parallelism)
      throws Exception {
    List<Reported> reports = new ArrayList<>();
    return new OneSubtask(
        new KeyedOneInputStreamOperatorTestHarness<>(
            new RecordingFactory(operator, reports),
            key,
            Types.STRING,
            MAX_PARALLELISM,
            parallelism,
            subtask),
        columns,
        reports);
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
    return this;
  }

  public void send(RowData row) throws Exception {
    harness.processElement(new StreamRecord<>(row));
  }

  /** The barrier of a checkpoint passes. */
  public OperatorSubtaskState checkpoint(long checkpointId) throws Exception {
    harness.prepareSnapshotPreBarrier(checkpointId);
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

  /** What it reported for a checkpoint. */
  public Progress reported(long checkpointId) {
    return reports.stream()
        .filter(report -> report.checkpointId() == checkpointId)
        .map(Reported::progress)
        .findFirst()
        .orElseThrow();
  }

  /** The table that its reports are about, empty for all of the job. */
  public String reportedTable() {
    return reports.get(0).table();
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

  /** Makes the operator as its own factory does, with a line to the JobManager that is recorded. */
  private static final class RecordingFactory extends AbstractStreamOperatorFactory<RowData>
      implements OneInputStreamOperatorFactory<RowData, RowData> {
    private static final long serialVersionUID = 1L;

    private final ReportingOperator.Factory factory;
    private final transient List<Reported> reports;

    RecordingFactory(ReportingOperator operator, List<Reported> reports) {
      this.factory = new ReportingOperator.Factory(operator);
      this.reports = reports;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public <T extends StreamOperator<RowData>> T createStreamOperator(
        StreamOperatorParameters<RowData> parameters) {
      factory.setProcessingTimeService(processingTimeService);
      return factory.createStreamOperator(
          new StreamOperatorParameters<>(
              parameters.getContainingTask(),
              parameters.getStreamConfig(),
              parameters.getOutput(),
              parameters::getProcessingTimeService,
              new OperatorEventDispatcher() {
                @Override
                public void registerEventHandler(
                    OperatorID operator, OperatorEventHandler handler) {
                  throw new UnsupportedOperationException("The JobManager says nothing here");
                }

                @Override
                public OperatorEventGateway getOperatorEventGateway(OperatorID operator) {
                  return event -> reports.add((Reported) event);
                }
              },
              parameters.getMailboxExecutor()));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
      return factory.getStreamOperatorClass(classLoader);
    }
  }
}
