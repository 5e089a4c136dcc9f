package io.medallion.io;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.model.HoodieAvroRecord;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.common.model.HoodieRecordLocation;
import org.apache.hudi.common.model.HoodieRecordPayload;
import org.apache.hudi.io.FlinkAppendHandle;
import org.apache.hudi.sink.bucket.BucketStreamWriteFunction;
import org.apache.hudi.table.HoodieFlinkTable;

/** Appends changes to the log files of their bucket. */
@SuppressWarnings("rawtypes")
final class UpsertRows extends BucketStreamWriteFunction<HoodieRecord>
    implements WriteOperator.Writer {
  private static final long serialVersionUID = 1L;

  /** What Hudi's bucket index writes instead of an instant. */
  private static final String NEW_FILE_GROUP = "I";

  private static final String FEWER_PARTITIONS =
      "Partition it by a column with fewer values (partition-by), or by none.";

  private transient WriteOperator.Instants instants;
  private transient LimitPartitions partitions;

  /**
   * The instant that created each file group of this attempt. A file group is named after it also
   * while that instant is not committed yet, which Hudi would look for in the committed table and
   * not find.
   */
  private transient Map<String, String> created;

  /**
   * The table as the first bucket of an epoch finds it, for all of them: no compaction is planned
   * while the epoch's instant is open. Hudi's client loads its timeline anew for each bucket.
   */
  private transient @Nullable HoodieFlinkTable<?> table;

  UpsertRows(Configuration conf) {
    super(conf);
  }

  @Override
  public void connect(WriteOperator.Instants line) {
    instants = line;
    created = new HashMap<>();
    partitions = new LimitPartitions(config, FEWER_PARTITIONS);
    // Hudi tells its coordinator what it has flushed; ours gets it from the stream.
    setOperatorEventGateway(event -> {});
  }

  @Override
  protected void sendBootstrapEvent() {}

  /**
   * Waits before the first record until what the restored checkpoint left is committed: the file
   * groups of the buckets are read from the committed table, and a bucket that a pending instant
   * created would get a second one.
   */
  @Override
  public void processElement(
      HoodieRecord record,
      ProcessFunction<HoodieRecord, Object>.Context context,
      Collector<Object> out)
      throws Exception {
    instants.awaitRecovery();
    partitions.meet(record.getPartitionPath());
    super.processElement(record, context, out);
  }

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

  @Override
  protected List<WriteStatus> writeBucket(
      String instant, DataBucket bucket, List<HoodieRecord> records) {
    bucket.preWrite(records);
    HoodieRecord first = records.get(0);
    String file = first.getCurrentLocation().getFileId();
    if (NEW_FILE_GROUP.equals(first.getCurrentLocation().getInstantTime())) {
      created.putIfAbsent(file, instant);
    } else if (created.containsKey(file)) {
      records.set(0, located(first, new HoodieRecordLocation(created.get(file), file)));
    }
    return writeRecords(instant, records);
  }

  @SuppressWarnings("unchecked")
  private static HoodieRecord located(HoodieRecord record, HoodieRecordLocation location) {
    HoodieRecord copy =
        new HoodieAvroRecord(
            record.getKey(), (HoodieRecordPayload) record.getData(), record.getOperation());
    copy.setCurrentLocation(location);
    return copy;
  }

  @SuppressWarnings("unchecked")
  private List<WriteStatus> writeRecords(String instant, List<HoodieRecord> records) {
    if (table == null) {
      table = writeClient.getHoodieTable();
    }
    HoodieRecord first = records.get(0);
    FlinkAppendHandle handle =
        new FlinkAppendHandle(
            writeClient.getConfig(),
            instant,
            table,
            first.getPartitionPath(),
            first.getCurrentLocation().getFileId(),
            records.iterator(),
            table.getTaskContextSupplier());
    handle.doAppend();
    return handle.close();
  }

  /** {@link #flush} has done it, before the barrier. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  public List<WriteStatus> flush() {
    snapshotState();
    List<WriteStatus> flushed = List.copyOf(writeStatuses);
    writeStatuses.clear();
    table = null;
    return flushed;
  }

  @Override
  public String instant() {
    return currentInstant;
  }
}
