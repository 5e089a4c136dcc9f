package io.medallion.io;

import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.sink.append.AppendWriteFunction;

/** Writes the rows of an append table straight to Parquet files. */
final class AppendRows extends AppendWriteFunction<RowData> implements WriteOperator.Writer {
  private static final long serialVersionUID = 1L;

  private transient WriteOperator.Instants instants;

  AppendRows(Configuration conf, RowType columns) {
    super(conf, columns);
  }

  @Override
  public void connect(WriteOperator.Instants line) {
    instants = line;
    // Hudi tells its coordinator what it has flushed; ours gets it from the stream.
    setOperatorEventGateway(event -> {});
  }

  @Override
  protected void sendBootstrapEvent() {}

  @Override
  protected String lastPendingInstant() {
    return currentInstant == null ? "" : currentInstant;
  }

  /** A flush without data needs no new instant, and so never waits. */
  @Override
  protected String instantToWrite(boolean hasData) {
    if (confirming && hasData) {
      currentInstant = instants.next();
      confirming = false;
    }
    return lastPendingInstant();
  }

  /** {@link #flush} has done it, before the barrier. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  public List<WriteStatus> flush() {
    snapshotState();
    List<WriteStatus> flushed = List.copyOf(writeStatuses);
    writeStatuses.clear();
    return flushed;
  }

  @Override
  public String instant() {
    return currentInstant;
  }
}
