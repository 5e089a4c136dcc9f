package io.medallion.io;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.util.Collector;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.sink.bucket.BucketStreamWriteFunction;
import org.apache.hudi.sink.common.AbstractWriteOperator;
import org.apache.hudi.sink.event.WriteMetadataEvent;

/** Appends changes to the log files of their bucket. */
@SuppressWarnings("rawtypes")
final class UpsertRows extends BucketStreamWriteFunction<HoodieRecord> {
  private static final long serialVersionUID = 1L;

  private transient WriterInstants instants;

  private transient boolean instantKnown;

  private UpsertRows(Configuration conf) {
    super(conf);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    WriterStarted.send(
        eventGateway, this::setOperatorEventGateway, () -> super.initializeState(context));
  }

  /** Hudi's own first word; {@link WriterStarted} is said instead, in every attempt. */
  @Override
  protected void sendBootstrapEvent() {}

  /**
   * Waits before the first record until the restored instant is committed: the file groups of the
   * buckets are read from the committed table, and a bucket that the pending instant created would
   * get a second one.
   */
  @Override
  public void processElement(
      HoodieRecord record,
      ProcessFunction<HoodieRecord, Object>.Context context,
      Collector<Object> out)
      throws Exception {
    if (!instantKnown) {
      instantToWrite(true);
      instantKnown = true;
    }
    super.processElement(record, context, out);
  }

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

  static final class Operator extends AbstractWriteOperator<HoodieRecord> {
    private static final long serialVersionUID = 1L;

    private final UpsertRows rows;

    Operator(Configuration conf) {
      this(new UpsertRows(conf));
    }

    private Operator(UpsertRows rows) {
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
