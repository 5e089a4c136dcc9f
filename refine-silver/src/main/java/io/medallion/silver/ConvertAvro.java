package io.medallion.silver;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/** Converts values of Avro's generic model, as defaults are, to Flink's internal types. */
final class ConvertAvro {
  private static final int MICROS_PER_MILLI = 1_000;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private ConvertAvro() {}

  /**
   * Converts one value.
   *
   * @param schema the value's schema, or its union with null
   * @param type the Flink type that the schema stands for
   */
  @Nullable
  static Object toInternal(@Nullable Object value, Schema schema, LogicalType type) {
    if (value == null) {
      return null;
    }
    Schema known =
        schema.isUnion()
            ? schema.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow()
            : schema;
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> StringData.fromString(value.toString());
      case BINARY, VARBINARY -> bytes(value);
      case DECIMAL -> {
        DecimalType decimal = (DecimalType) type;
        yield DecimalData.fromBigDecimal(
            new BigDecimal(new BigInteger(bytes(value)), decimal.getScale()),
            decimal.getPrecision(),
            decimal.getScale());
      }
      case TIME_WITHOUT_TIME_ZONE ->
          value instanceof Long micros ? (int) (micros / MICROS_PER_MILLI) : value;
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          timestamp((long) value, known.getLogicalType().getName());
      case ARRAY -> {
        LogicalType element = ((ArrayType) type).getElementType();
        yield new GenericArrayData(
            ((Collection<?>) value)
                .stream().map(each -> toInternal(each, known.getElementType(), element)).toArray());
      }
      case MAP -> {
        LogicalType mapValue = ((MapType) type).getValueType();
        Map<StringData, Object> entries = new LinkedHashMap<>();
        ((Map<?, ?>) value)
            .forEach(
                (key, each) ->
                    entries.put(
                        StringData.fromString(key.toString()),
                        toInternal(each, known.getValueType(), mapValue)));
        yield new GenericMapData(entries);
      }
      case ROW -> {
        List<Schema.Field> fields = known.getFields();
        GenericRowData row = new GenericRowData(fields.size());
        for (Schema.Field field : fields) {
          row.setField(
              field.pos(),
              toInternal(
                  ((IndexedRecord) value).get(field.pos()),
                  field.schema(),
                  ((RowType) type).getTypeAt(field.pos())));
        }
        yield row;
      }
      default -> value;
    };
  }

  private static byte[] bytes(Object value) {
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** A time since 1970 in the unit that the end of the logical type's name says. */
  static TimestampData timestamp(long value, String logicalType) {
    if (logicalType.endsWith("-millis")) {
      return TimestampData.fromEpochMillis(value);
    }
    long perMilli = logicalType.endsWith("-micros") ? MICROS_PER_MILLI : NANOS_PER_MILLI;
    int nanos = logicalType.endsWith("-micros") ? NANOS_PER_MICRO : 1;
    return TimestampData.fromEpochMillis(
        Math.floorDiv(value, perMilli), (int) Math.floorMod(value, perMilli) * nanos);
  }
}
