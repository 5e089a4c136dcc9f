package io.medallion.io;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.table.data.RowData;

/** An operator whose {@link Progress} the commits of its job carry. */
public abstract class ReportingOperator extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private final String table;
  private transient OperatorEventGateway commits;
  private transient ProgressReporter progress;

  /**
   * @param table the table that the reports are about ({@code silver.orders}), empty for all tables
   *     of the job
   */
  protected ReportingOperator(String table) {
    this.table = table;
  }

  /** Where this subtask reports. */
  protected final ProgressReporter progress() {
    return progress;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    progress = new ProgressReporter(table, commits, new JobMetrics(getMetricGroup()));
    progress.initializeState(context);
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    progress.snapshotState(context);
  }

  /** Makes the operator with its line to the JobManager. */
  public static final class Factory extends AbstractStreamOperatorFactory<RowData>
      implements OneInputStreamOperatorFactory<RowData, RowData>,
          CoordinatedOperatorFactory<RowData> {
    private static final long serialVersionUID = 1L;

    private final ReportingOperator operator;

    public Factory(ReportingOperator operator) {
      this.operator = operator;
    }

    @Override
    // The setter is how Flink's own SimpleOperatorFactory hands the service to an operator it did
    // not build.
    @SuppressWarnings({"unchecked", "deprecation", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<RowData>> T createStreamOperator(
        StreamOperatorParameters<RowData> parameters) {
      operator.commits =
          parameters
              .getOperatorEventDispatcher()
              .getOperatorEventGateway(parameters.getStreamConfig().getOperatorID());
      operator.setProcessingTimeService(processingTimeService);
      operator.setup(
          parameters.getContainingTask(), parameters.getStreamConfig(), parameters.getOutput());
      return (T) operator;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
      return operator.getClass();
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID id) {
      return new DeskProvider(id);
    }
  }

  private record DeskProvider(OperatorID id) implements OperatorCoordinator.Provider {
    @Override
    public OperatorID getOperatorId() {
      return id;
    }

    @Override
    public OperatorCoordinator create(OperatorCoordinator.Context context) {
      return new HandIn(context);
    }
  }

  /** Hands the reports of one operator's subtasks in at the desk of the job. */
  private record HandIn(OperatorCoordinator.Context context) implements OperatorCoordinator {
    @Override
    public void start() {}

    @Override
    public void close() {}

    @Override
    public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
      ProgressDesk.of(context)
          .handIn(context.getOperatorId() + "/" + subtask, (ProgressReporter.Reported) event);
    }

    @Override
    public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
      result.complete(new byte[0]);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {}

    @Override
    public void resetToCheckpoint(long checkpointId, byte[] state) {}

    @Override
    public void subtaskReset(int subtask, long checkpointId) {}

    @Override
    public void executionAttemptFailed(int subtask, int attempt, Throwable reason) {}

    @Override
    public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {}
  }
}
