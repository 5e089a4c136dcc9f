package io.medallion.silver;

import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** Events of {@linkplain MergeByKey#sealed sealed} keys as rows of the quarantine. */
final class QuarantineSealed extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  /** What the quarantine calls it. */
  static final String RULE = "state-lifetime";

  private static final String REASON =
      "Nothing came for its key within silver.state-lifetime; the row stays as it is";

  private final EventRow eventRow;
  private transient PartitionNames partitions;

  QuarantineSealed(EventRow eventRow) {
    this.eventRow = eventRow;
  }

  @Override
  public void open() throws Exception {
    super.open();
    partitions = new PartitionNames();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    Event event = eventRow.event(element.getValue());
    RowData record = eventRow.record(element.getValue());
    Version at = event.at();
    progress().count(partitions.of(at.topic(), at.partition()), Progress.QUARANTINED, 1);
    progress().count(Progress.QUARANTINED_BY + RULE, 1);
    output.collect(
        new StreamRecord<>(
            GenericRowData.of(
                StringData.fromString(at.topic()),
                at.partition(),
                at.offset(),
                TimestampData.fromEpochMillis(event.kafkaTimestamp()),
                ReadEvent.bytes(record, 0),
                ReadEvent.bytes(record, 1),
                new GenericArrayData(new StringData[] {StringData.fromString(RULE)}),
                StringData.fromString(REASON),
                TimestampData.fromEpochMillis(
                    getProcessingTimeService().getCurrentProcessingTime()),
                null)));
  }
}
