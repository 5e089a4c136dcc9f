package io.medallion.silver;

import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;

/**
 * Makes of each bronze record an event of its key, or a row of the quarantine ({@link ReadEvent}).
 * Counts the quarantined ones for their Kafka partitions, all others are counted where they meet
 * their key.
 */
final class DecodeEvents extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final OutputTag<RowData> quarantined;
  private final ReadEvent read;
  private final List<String> columns;
  private final EventRow eventRow;
  private final int topic;
  private final int partition;
  private final int offset;
  private final int kafkaTimestamp;
  private final int key;
  private final int payload;
  private transient ReadEvent.Reading reading;
  private transient PartitionNames partitions;

  DecodeEvents(PipelineDefinition pipeline, EventRow eventRow, ReadEvent read) {
    RowType bronze = Tables.bronze(pipeline).columns();
    this.quarantined = quarantined(Tables.quarantine(pipeline));
    this.read = read;
    this.columns = bronze.getFieldNames();
    this.eventRow = eventRow;
    this.topic = bronze.getFieldIndex(Tables.TOPIC);
    this.partition = bronze.getFieldIndex(Tables.PARTITION);
    this.offset = bronze.getFieldIndex(Tables.OFFSET);
    this.kafkaTimestamp = bronze.getFieldIndex(Tables.KAFKA_TIMESTAMP);
    this.key = bronze.getFieldIndex(Tables.RECORD_KEY);
    this.payload = bronze.getFieldIndex(Tables.PAYLOAD);
  }

  static OutputTag<RowData> quarantined(TableDefinition quarantine) {
    return new OutputTag<>("quarantine", InternalTypeInfo.of(quarantine.columns()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    reading = read.open(getContainingTask(), getProcessingTimeService(), columns);
    partitions = new PartitionNames();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData record = element.getValue();
    progress().count(Progress.INPUT, 1);
    ReadEvent.Judged judged = reading.judge(record);
    judged.warnings().forEach(rule -> progress().count(Progress.WARNED_BY + rule, 1));
    if (judged instanceof ReadEvent.Taken taken) {
      reading.count(taken, progress());
      output.collect(
          new StreamRecord<>(
              eventRow.of(
                  taken.key(),
                  taken.event(),
                  ReadEvent.bytes(record, key),
                  ReadEvent.bytes(record, payload))));
    } else if (judged instanceof ReadEvent.Refused refused) {
      quarantine(record, refused);
    } else if (judged instanceof ReadEvent.Failing failing) {
      // Read again, it breaks them again.
      throw new SuppressRestartsException(
          new IllegalStateException(
              "Event %s-%d@%d breaks %s, which is declared to fail the job. Correct the rule or the event's source, then resume."
                  .formatted(
                      record.getString(topic),
                      record.getInt(partition),
                      record.getLong(offset),
                      failing.rules())));
    }
  }

  private void quarantine(RowData record, ReadEvent.Refused refused) {
    String from = partitions.of(record.getString(topic).toString(), record.getInt(partition));
    progress().count(from, Progress.QUARANTINED, 1);
    refused.rules().forEach(rule -> progress().count(Progress.QUARANTINED_BY + rule, 1));
    output.collect(
        quarantined,
        new StreamRecord<>(
            GenericRowData.of(
                record.getString(topic),
                record.getInt(partition),
                record.getLong(offset),
                record.getTimestamp(kafkaTimestamp, 3),
                ReadEvent.bytes(record, key),
                ReadEvent.bytes(record, payload),
                new GenericArrayData(
                    refused.rules().stream().map(StringData::fromString).toArray()),
                StringData.fromString(refused.reason()),
                TimestampData.fromEpochMillis(
                    getProcessingTimeService().getCurrentProcessingTime()),
                null)));
  }
}
