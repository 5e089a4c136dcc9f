package io.medallion.silver;

import io.medallion.io.Lakehouse;
import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/**
 * Records of bronze that the quarantine has been through, as events of their keys: for a job that
 * begins without its newest checkpoint. They are not judged again, since rules, and what references
 * hold, may be others now: what the quarantine has was not taken, and all else was. Rules that only
 * warn are not counted again.
 */
final class DecodeKnown extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private static final List<String> COLUMNS =
      List.of(Tables.TOPIC, Tables.PARTITION, Tables.OFFSET, Tables.RULES, Tables.REPLAYED_AT);

  private final TableDefinition quarantine;
  private final String pipeline;
  private final String warehouse;
  private final EventRow eventRow;
  private final ReadEvent read;
  private final List<String> columns;
  private final int topic;
  private final int partition;
  private final int offset;

  /**
   * The offsets that are in quarantine, by the rules that they broke and by their partitions. Read
   * with the first record: hardly a job gets one, and each start would wait for it.
   */
  @Nullable private transient Map<List<String>, KafkaPlaces> quarantined;

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
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Map<List<String>, KafkaPlaces> known = quarantined;
    if (known == null) {
      partitions = new PartitionNames();
      reading = read.open(getContainingTask(), getProcessingTimeService(), columns);
      known = readQuarantine();
      quarantined = known;
    }
    RowData record = element.getValue();
    progress().count(Progress.INPUT, 1);
    String from = partitions.of(record.getString(topic).toString(), record.getInt(partition));
    Optional<List<String>> broken = broken(known, from, record.getLong(offset));
    if (broken.isPresent()) {
      progress().count(from, Progress.QUARANTINED, 1);
      broken.get().forEach(rule -> progress().count(Progress.QUARANTINED_BY + rule, 1));
    } else {
      ReadEvent.Taken taken = reading.take(record);
      reading.count(taken, progress());
      output.collect(new StreamRecord<>(eventRow.of(taken.key(), taken.event())));
    }
  }

  private static Optional<List<String>> broken(
      Map<List<String>, KafkaPlaces> known, String from, long offset) {
    return known.entrySet().stream()
        .filter(rules -> rules.getValue().contains(from, offset))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private Map<List<String>, KafkaPlaces> readQuarantine() {
    Map<List<String>, KafkaPlaces> found = new HashMap<>();
    new Lakehouse(warehouse, pipeline)
        .read(
            quarantine,
            COLUMNS,
            row -> {
              if (row.isNullAt(4)) {
                found
                    .computeIfAbsent(
                        ReplayQuarantine.texts(row.getArray(3)), rules -> new KafkaPlaces())
                    .add(partitions.of(row.getString(0).toString(), row.getInt(1)), row.getLong(2));
              }
            });
    return found;
  }
}
