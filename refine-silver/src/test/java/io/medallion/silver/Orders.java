package io.medallion.silver;

import static java.util.stream.Collectors.joining;
import static org.apache.flink.table.api.DataTypes.DECIMAL;
import static org.apache.flink.table.api.DataTypes.FIELD;
import static org.apache.flink.table.api.DataTypes.ROW;
import static org.apache.flink.table.api.DataTypes.STRING;

import io.medallion.silver.Event.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.IntStream;
import javax.annotation.Nullable;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;

/** Events of one order: corrections set its amount and description, its region stays. */
final class Orders {
  static final RowType CONTRACT =
      (RowType)
          ROW(
                  FIELD("amount", DECIMAL(18, 2)),
                  FIELD("description", STRING()),
                  FIELD("region", STRING()))
              .notNull()
              .getLogicalType();
  static final List<String> CORRECTION_SETS = List.of("description", "amount");

  private Orders() {}

  static MergeEvents merge() {
    return new MergeEvents(CONTRACT, CORRECTION_SETS);
  }

  static HistoryOfKey history() {
    return new HistoryOfKey(CONTRACT, CORRECTION_SETS);
  }

  static Event insert(long order, long offset, String amount, String description, String region) {
    return event(Kind.INSERT, order, 0, offset, amount, description, region);
  }

  static Event correction(
      long order, long offset, @Nullable String amount, @Nullable String description) {
    return event(Kind.CORRECTION, order, 0, offset, amount, description, "must not matter");
  }

  static Event reversal(long order, long offset) {
    return event(Kind.REVERSAL, order, 0, offset, null, null, null);
  }

  /** An event whose Kafka timestamp is its offset's, in seconds from the first. */
  static Event event(
      Kind kind,
      long order,
      int partition,
      long offset,
      @Nullable String amount,
      @Nullable String description,
      @Nullable String region) {
    return new Event(
        kind,
        new Version(order, partition, offset, "t"),
        offset * 1_000,
        GenericRowData.of(
            amount == null ? null : DecimalData.fromBigDecimal(new BigDecimal(amount), 18, 2),
            StringData.fromString(description),
            StringData.fromString(region)),
        StringData.fromString("rescued " + region));
  }

  /** A record of the merge as text, or "no record". */
  static String show(@Nullable RowData record) {
    if (record == null) {
      return "no record";
    }
    String fields =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    record.isNullAt(i)
                        ? "null"
                        : i == 0
                            ? record.getDecimal(0, 18, 2).toString()
                            : record.getString(i).toString())
            .collect(joining(", "));
    return "%s, %s, created %d, modified %d, %s-%d@%d"
        .formatted(
            fields,
            record.getString(3),
            record.getTimestamp(4, 3).getMillisecond(),
            record.getTimestamp(5, 3).getMillisecond(),
            record.getString(6),
            record.getInt(7),
            record.getLong(8));
  }
}
