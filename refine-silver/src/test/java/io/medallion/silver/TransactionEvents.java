package io.medallion.silver;

import static io.medallion.silver.Transactions.EVENT_ROW;
import static io.medallion.silver.Transactions.START;

import io.medallion.silver.Event.Kind;
import java.math.BigDecimal;
import javax.annotation.Nullable;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/**
 * Decoded events of the pipeline {@code transactions}, of partition 0 where nothing else is said.
 */
final class TransactionEvents {
  private TransactionEvents() {}

  static String key(String id) {
    return id.length() + ":" + id;
  }

  static RowData insert(String id, long time, long offset, String amount, String description) {
    return event(Kind.INSERT, "NEW", id, time, offset, amount, description, true);
  }

  static RowData correction(
      String id, long time, long offset, @Nullable String amount, @Nullable String description) {
    return event(Kind.CORRECTION, "CORRECTION", id, time, offset, amount, description, false);
  }

  static RowData reversal(String id, long time, long offset) {
    return event(Kind.REVERSAL, "REVERSAL", id, time, offset, null, null, false);
  }

  /** The same event from another partition. */
  static RowData inPartition(int partition, RowData row) {
    Event event = EVENT_ROW.event(row);
    Version at = event.at();
    return EVENT_ROW.of(
        EVENT_ROW.key(row),
        new Event(
            event.kind(),
            new Version(at.order(), partition, at.offset(), at.topic()),
            event.kafkaTimestamp(),
            event.row(),
            event.rescued()));
  }

  /** An event so many milliseconds after the start; Kafka took it at its offset's second. */
  private static RowData event(
      Kind kind,
      String type,
      String id,
      long time,
      long offset,
      @Nullable String amount,
      @Nullable String description,
      boolean whole) {
    return EVENT_ROW.of(
        key(id),
        new Event(
            kind,
            new Version((START + time) * 1_000, 0, offset, "transactions"),
            START + offset * 1_000,
            GenericRowData.of(
                StringData.fromString(id),
                StringData.fromString(type),
                whole ? StringData.fromString(" c1 ") : null,
                amount == null ? null : DecimalData.fromBigDecimal(new BigDecimal(amount), 18, 2),
                whole ? StringData.fromString("toys") : null,
                whole ? StringData.fromString("EU") : null,
                StringData.fromString(description),
                TimestampData.fromEpochMillis(START + time)),
            null));
  }
}
