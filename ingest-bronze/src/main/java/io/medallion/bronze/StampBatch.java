package io.medallion.bronze;

import static io.medallion.schemas.Tables.BATCH_ID;
import static io.medallion.schemas.Tables.KAFKA_TIMESTAMP;
import static io.medallion.schemas.Tables.PARTITION;
import static io.medallion.schemas.Tables.TOPIC;

import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.UpdatableRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Writes into each bronze row the checkpoint that brings it (the one after the last that passed
 * here), and counts them.
 */
final class StampBatch extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final int columns;
  private final int topic;
  private final int partition;
  private final int kafkaTimestamp;
  private final int batchId;
  private transient long batch;
  private transient PartitionNames names;

  StampBatch(RowType bronze) {
    columns = bronze.getFieldCount();
    topic = bronze.getFieldIndex(TOPIC);
    partition = bronze.getFieldIndex(PARTITION);
    kafkaTimestamp = bronze.getFieldIndex(KAFKA_TIMESTAMP);
    batchId = bronze.getFieldIndex(BATCH_ID);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    names = new PartitionNames();
    batch = context.getRestoredCheckpointId().orElse(0L) + 1;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    batch = context.getCheckpointId() + 1;
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData record = element.getValue();
    progress().count(Progress.INPUT, 1);
    progress()
        .count(
            names.of(record.getString(topic).toString(), record.getInt(partition)),
            Progress.ROWS,
            1);
    progress().count(Progress.CHANGES, 1);
    progress().event(record.getTimestamp(kafkaTimestamp, 3).getMillisecond());
    UpdatableRowData stamped = new UpdatableRowData(record, columns);
    stamped.setField(batchId, batch);
    output.collect(element.replace(stamped));
  }
}
