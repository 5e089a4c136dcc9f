package io.medallion.services.quarantine;

import io.medallion.schemas.Tables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;

/**
 * A row of the quarantine without the event's bytes.
 *
 * @param kafkaTimestamp of the record in Kafka
 * @param rules that the event broke, or why it could not be read
 * @param reason the same in words
 * @param quarantinedAt when silver judged it
 */
record QuarantinedEvent(
    String topic,
    int partition,
    long offset,
    Instant kafkaTimestamp,
    List<String> rules,
    String reason,
    Instant quarantinedAt) {
  /** What {@link #of} reads, in this order. */
  static final List<String> COLUMNS =
      List.of(
          Tables.TOPIC,
          Tables.PARTITION,
          Tables.OFFSET,
          Tables.KAFKA_TIMESTAMP,
          Tables.RULES,
          Tables.REASON,
          Tables.QUARANTINED_AT);

  static final Comparator<QuarantinedEvent> NEWEST_LAST =
      Comparator.comparing(QuarantinedEvent::quarantinedAt)
          .thenComparing(QuarantinedEvent::topic)
          .thenComparing(QuarantinedEvent::partition)
          .thenComparing(QuarantinedEvent::offset);

  QuarantinedEvent {
    rules = List.copyOf(rules);
  }

  static QuarantinedEvent of(RowData row) {
    ArrayData names = row.getArray(4);
    List<String> rules = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      rules.add(names.getString(i).toString());
    }
    return new QuarantinedEvent(
        row.getString(0).toString(),
        row.getInt(1),
        row.getLong(2),
        row.getTimestamp(3, 3).toInstant(),
        rules,
        row.getString(5).toString(),
        row.getTimestamp(6, 3).toInstant());
  }

  /** {@code topic-partition@offset}. */
  String place() {
    return place(topic, partition, offset);
  }

  static String place(String topic, int partition, long offset) {
    return "%s-%d@%d".formatted(topic, partition, offset);
  }
}
