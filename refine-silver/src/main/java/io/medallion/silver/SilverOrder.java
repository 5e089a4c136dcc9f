package io.medallion.silver;

import io.medallion.schemas.SilverDefinition;
import java.io.Serializable;
import java.util.concurrent.TimeUnit;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/** The order column as a number, and as event time where it is one. */
final class SilverOrder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LogicalType type;
  private final int column;

  SilverOrder(SilverDefinition silver) {
    column = silver.columns().getFieldIndex(silver.orderBy());
    type = silver.columns().getTypeAt(column);
  }

  /** Microseconds of a timestamp, days of a date, the value of a number. */
  long of(RowData columns) {
    return switch (type.getTypeRoot()) {
      case INTEGER, DATE -> columns.getInt(column);
      case BIGINT -> columns.getLong(column);
      case TIMESTAMP_WITHOUT_TIME_ZONE -> {
        TimestampData time = columns.getTimestamp(column, LogicalTypeChecks.getPrecision(type));
        yield Math.addExact(
            Math.multiplyExact(time.getMillisecond(), 1_000L),
            time.getNanoOfMillisecond() / 1_000L);
      }
      default -> throw new IllegalStateException("order-by cannot be a column of type " + type);
    };
  }

  /** The value of the column that has the given number, in Flink's internal type. */
  Object value(long number) {
    return switch (type.getTypeRoot()) {
      case INTEGER, DATE -> (int) number;
      case BIGINT -> number;
      case TIMESTAMP_WITHOUT_TIME_ZONE ->
          TimestampData.fromEpochMillis(
              Math.floorDiv(number, 1_000L), (int) Math.floorMod(number, 1_000L) * 1_000);
      default -> throw new IllegalStateException("order-by cannot be a column of type " + type);
    };
  }

  /** Epoch milliseconds: the column's where it is a time, Kafka's otherwise. */
  long eventTime(RowData columns, TimestampData kafkaTimestamp) {
    return switch (type.getTypeRoot()) {
      case TIMESTAMP_WITHOUT_TIME_ZONE ->
          columns.getTimestamp(column, LogicalTypeChecks.getPrecision(type)).getMillisecond();
      case DATE -> TimeUnit.DAYS.toMillis(columns.getInt(column));
      default -> kafkaTimestamp.getMillisecond();
    };
  }
}
