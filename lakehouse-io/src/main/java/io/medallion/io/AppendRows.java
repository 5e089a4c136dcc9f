package io.medallion.io;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.sink.append.AppendWriteFunction;
import org.apache.hudi.sink.common.AbstractWriteOperator;

/** Writes the rows of an append table straight to Parquet files. */
final class AppendRows extends AppendWriteFunction<RowData> {
  private static final long serialVersionUID = 1L;

  private AppendRows(Configuration conf, RowType columns) {
    super(conf, columns);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    OperatorEventGateway coordinator = eventGateway;
    WriterStarted.Collecting restored = new WriterStarted.Collecting();
    setOperatorEventGateway(restored);
    super.initializeState(context);
    setOperatorEventGateway(coordinator);
    coordinator.sendEventToCoordinator(restored.started());
  }

  /** Hudi's own first word; {@link WriterStarted} is said instead, in every attempt. */
  @Override
  protected void sendBootstrapEvent() {}

  @Override
  protected String instantToWrite(boolean hasData) {
    if (!confirming) {
      return lastPendingInstant();
    }
    String instant =
        Instants.await(
            this::lastPendingInstant,
            announced -> !(hasData && announced.equals(currentInstant)),
            config.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT));
    confirming = false;
    return instant;
  }

  @Override
  public void snapshotState() {
    super.snapshotState();
    Instants.failOnErrors(writeStatuses);
  }

  static final class Operator extends AbstractWriteOperator<RowData> {
    private static final long serialVersionUID = 1L;

    Operator(Configuration conf, RowType columns) {
      super(new AppendRows(conf, columns));
    }
  }
}
