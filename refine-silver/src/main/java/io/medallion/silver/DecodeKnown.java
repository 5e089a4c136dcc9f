package io.medallion.silver;

import io.medallion.io.Lakehouse;
import io.medallion.io.PartitionNames;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Records of bronze of which the tables have all that came of them, as events of their keys: for a
 * job that begins without its newest checkpoint. They are not judged again, since rules, and what
 * references hold, may be others now: what the quarantine has was not taken, and all else was.
 */
final class DecodeKnown extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private static final List<String> PLACE = List.of(Tables.TOPIC, Tables.PARTITION, Tables.OFFSET);

  private final TableDefinition quarantine;
  private final String pipeline;
  private final String warehouse;
  private final EventRow eventRow;
  private final ReadEvent read;
  private final List<String> columns;
  private final int topic;
  private final int partition;
  private final int offset;

  /** Read with the first record: hardly a job gets one, and each start would wait for it. */
  @Nullable private transient Map<String, Roaring64Bitmap> quarantined;

  private transient ReadEvent.Reading reading;
  private transient PartitionNames partitions;

  DecodeKnown(PipelineDefinition pipeline, String warehouse, EventRow eventRow, ReadEvent read) {
    this.quarantine = Tables.quarantine(pipeline);
    this.pipeline = pipeline.name();
    this.warehouse = warehouse;
    this.eventRow = eventRow;
    this.read = read;
    this.columns = Tables.bronze(pipeline).columns().getFieldNames();
    this.topic = columns.indexOf(Tables.TOPIC);
    this.partition = columns.indexOf(Tables.PARTITION);
    this.offset = columns.indexOf(Tables.OFFSET);
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Map<String, Roaring64Bitmap> known = quarantined;
    if (known == null) {
      partitions = new PartitionNames();
      reading = read.open(getContainingTask(), getProcessingTimeService(), columns);
      known = readQuarantine();
      quarantined = known;
    }
    RowData record = element.getValue();
    Roaring64Bitmap offsets = known.get(partition(record, topic, partition));
    if (offsets == null || !offsets.contains(record.getLong(offset))) {
      ReadEvent.Taken taken = reading.take(record);
      output.collect(element.replace(eventRow.of(taken.key(), taken.event())));
    }
  }

  private Map<String, Roaring64Bitmap> readQuarantine() {
    Map<String, Roaring64Bitmap> found = new HashMap<>();
    new Lakehouse(warehouse, pipeline)
        .read(
            quarantine,
            PLACE,
            row ->
                found
                    .computeIfAbsent(partition(row, 0, 1), first -> new Roaring64Bitmap())
                    .addLong(row.getLong(2)));
    return found;
  }

  private String partition(RowData row, int topicColumn, int partitionColumn) {
    return partitions.of(row.getString(topicColumn).toString(), row.getInt(partitionColumn));
  }
}
