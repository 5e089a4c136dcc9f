package io.medallion.io;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.sink.append.AppendWriteFunction;
import org.apache.hudi.sink.common.AbstractWriteOperator;
import org.apache.hudi.sink.event.WriteMetadataEvent;

/** Writes the rows of an append table straight to Parquet files. */
final class AppendRows extends AppendWriteFunction<RowData> {
  private static final long serialVersionUID = 1L;

  private transient WriterInstants instants;

  private AppendRows(Configuration conf, RowType columns) {
    super(conf, columns);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    WriterStarted.send(
        eventGateway, this::setOperatorEventGateway, () -> super.initializeState(context));
  }

  /** Hudi's own first word; {@link WriterStarted} is said instead, in every attempt. */
  @Override
  protected void sendBootstrapEvent() {}

  @Override
  protected String lastPendingInstant() {
    return currentInstant == null ? WriteMetadataEvent.BOOTSTRAP_INSTANT : currentInstant;
  }

  /** A flush without data needs no new instant, and so never waits. */
  @Override
  protected String instantToWrite(boolean hasData) {
    if (confirming && hasData) {
      currentInstant = instants.next(config.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT));
      confirming = false;
    }
    return currentInstant;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    super.snapshotState(context);
    instants.flushed(context.getCheckpointId());
  }

  @Override
  public void snapshotState() {
    super.snapshotState();
    WriterInstants.failOnErrors(writeStatuses);
  }

  static final class Operator extends AbstractWriteOperator<RowData> {
    private static final long serialVersionUID = 1L;

    private final AppendRows rows;

    Operator(Configuration conf, RowType columns) {
      this(new AppendRows(conf, columns));
    }

    private Operator(AppendRows rows) {
      super(rows);
      this.rows = rows;
    }

    @Override
    public void setup(
        StreamTask<?, ?> task, StreamConfig config, Output<StreamRecord<Object>> output) {
      super.setup(task, config, output);
      rows.instants = new WriterInstants(task, config);
    }
  }
}
