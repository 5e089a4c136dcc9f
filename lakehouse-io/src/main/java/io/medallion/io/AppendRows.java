package io.medallion.io;

import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.sink.append.AppendWriteFunction;
import org.apache.hudi.sink.bulk.RowDataKeyGen;
import org.apache.hudi.table.format.FilePathUtils;

/** Writes the rows of an append table straight to Parquet files. */
final class AppendRows extends AppendWriteFunction<RowData> implements WriteOperator.Writer {
  private static final long serialVersionUID = 1L;

  private static final String FEWER_SYSTEMS =
      "Name a header with fewer values (source.source-system), or one system for all.";

  private final RowType columns;
  private transient WriteOperator.Instants instants;
  private transient LimitPartitions partitions;
  private transient RowDataKeyGen keys;
  private transient RowData.FieldGetter[] partitionColumns;

  /** The values of {@link #partitionColumns} in the last row. */
  private transient Object[] last;

  AppendRows(Configuration conf, RowType columns) {
    super(conf, columns);
    this.columns = columns;
  }

  @Override
  public void open(Configuration parameters) throws Exception {
    super.open(parameters);
    partitions = new LimitPartitions(config, FEWER_SYSTEMS);
    keys = RowDataKeyGen.instance(config, columns);
    partitionColumns =
        Arrays.stream(FilePathUtils.extractPartitionKeys(config))
            .map(columns::getFieldIndex)
            .map(index -> RowData.createFieldGetter(columns.getTypeAt(index), index))
            .toArray(RowData.FieldGetter[]::new);
    last = null;
  }

  @Override
  public void processElement(
      RowData row, ProcessFunction<RowData, Object>.Context context, Collector<Object> out)
      throws Exception {
    Object[] values = new Object[partitionColumns.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = partitionColumns[i].getFieldOrNull(row);
    }
    // Most rows are of the partition of the one before; the path's name costs more than this.
    if (!Arrays.equals(values, last)) {
      partitions.meet(keys.getPartitionPath(row));
      // A row may be used again for the next one, and its texts with it.
      Arrays.setAll(
          values, i -> values[i] instanceof BinaryStringData text ? text.copy() : values[i]);
      last = values;
    }
    super.processElement(row, context, out);
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
    // Their files are closed.
    partitions.forget();
    last = null;
    return flushed;
  }

  @Override
  public String instant() {
    return currentInstant;
  }
}
