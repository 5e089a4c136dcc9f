package io.medallion.silver;

import io.medallion.silver.ReadObject.Member;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Builds the readers of a contract. The row type says what comes out; the Avro schema adds what
 * Flink's types do not know: defaults, symbols, units of time.
 */
final class ContractReader {
  private ContractReader() {}

  /**
   * The reader of whole events.
   *
   * @throws IllegalArgumentException if schema and row type are not of the same event
   */
  static ReadObject of(Schema schema, RowType rowType) {
    return object(new ContractField("", "a JSON object"), schema, rowType);
  }

  private static ReadObject object(ContractField record, Schema schema, RowType rowType) {
    if (schema.getType() != Schema.Type.RECORD
        || schema.getFields().size() != rowType.getFieldCount()) {
      throw unequal(record.path(), schema, rowType);
    }
    List<Member> members = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      String path = record.path().isEmpty() ? field.name() : record.path() + "." + field.name();
      if (!rowType.getFieldNames().get(field.pos()).equals(field.name())) {
        throw unequal(path, field.schema(), rowType);
      }
      LogicalType type = rowType.getTypeAt(field.pos());
      ReadNullable value = nullable(path, field.schema(), type);
      Object whenMissing =
          field.hasDefaultValue()
              ? ConvertAvro.toInternal(
                  GenericData.get().getDefaultValue(field), field.schema(), type)
              : null;
      boolean required = !field.hasDefaultValue() && !type.isNullable();
      members.add(new Member(field.name(), value.field(), value, whenMissing, required));
    }
    return new ReadObject(record, members);
  }

  private static ReadNullable nullable(String path, Schema schema, LogicalType type) {
    Schema known = withoutNull(path, schema, type);
    ContractField field = new ContractField(path, expected(known, type));
    return new ReadNullable(field, type.isNullable(), value(field, known, type));
  }

  private static ReadValue value(ContractField field, Schema schema, LogicalType type) {
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR ->
          schema.getType() == Schema.Type.ENUM
              ? ReadTexts.symbols(field, schema.getEnumSymbols())
              : ReadTexts.strings(field);
      case BOOLEAN -> ReadTexts.booleans(field);
      case BINARY, VARBINARY ->
          schema.getType() == Schema.Type.FIXED
              ? ReadTexts.fixedBytes(field, schema.getFixedSize())
              : ReadTexts.bytes(field);
      case INTEGER -> ReadNumbers.ints(field);
      case BIGINT -> ReadNumbers.longs(field);
      case FLOAT -> ReadNumbers.floats(field);
      case DOUBLE -> ReadNumbers.doubles(field);
      case DECIMAL -> {
        DecimalType decimal = (DecimalType) type;
        yield ReadNumbers.decimals(field, decimal.getPrecision(), decimal.getScale());
      }
      case DATE -> ReadTimes.dates(field);
      case TIME_WITHOUT_TIME_ZONE -> ReadTimes.times(field, unit(field, schema, type).digits);
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          isLocal(schema)
              ? ReadTimes.localTimes(field, unit(field, schema, type).digits)
              : ReadTimes.instants(field, unit(field, schema, type).digits);
      case ARRAY ->
          ReadCollections.arrays(
              field,
              nullable(
                  field.path() + "[]",
                  schema.getElementType(),
                  ((ArrayType) type).getElementType()));
      case MAP ->
          ReadCollections.maps(
              field,
              nullable(
                  field.path() + "[]", schema.getValueType(), ((MapType) type).getValueType()));
      case ROW -> object(field, schema, (RowType) type);
      default -> throw unequal(field.path(), schema, type);
    };
  }

  private static String expected(Schema schema, LogicalType type) {
    String name = type.copy(true).asSummaryString();
    return switch (type.getTypeRoot()) {
      case ROW, MAP -> "a JSON object";
      case ARRAY -> "a JSON array";
      case BINARY, VARBINARY -> name + " as a Base64 string";
      case DATE -> name + " as days since 1970 or ISO-8601";
      case TIME_WITHOUT_TIME_ZONE ->
          name + " as " + Unit.of(schema).plural + " since midnight or ISO-8601";
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          name
              + " as "
              + Unit.of(schema).plural
              + " since 1970 or ISO-8601 "
              + (isLocal(schema) ? "without offset" : "with offset");
      default -> schema.getType() == Schema.Type.ENUM ? "one of " + schema.getEnumSymbols() : name;
    };
  }

  private static Schema withoutNull(String path, Schema schema, LogicalType type) {
    if (!schema.isUnion()) {
      return schema;
    }
    List<Schema> branches =
        schema.getTypes().stream().filter(branch -> branch.getType() != Schema.Type.NULL).toList();
    if (branches.size() != 1) {
      throw unequal(path, schema, type);
    }
    return branches.get(0);
  }

  private static Unit unit(ContractField field, Schema schema, LogicalType type) {
    Unit unit = Unit.of(schema);
    if (unit == Unit.NONE) {
      throw unequal(field.path(), schema, type);
    }
    return unit;
  }

  private static boolean isLocal(Schema schema) {
    return schema.getLogicalType() != null
        && schema.getLogicalType().getName().startsWith("local-");
  }

  private static IllegalArgumentException unequal(String path, Schema schema, LogicalType type) {
    return new IllegalArgumentException(
        "The contract's field '%s' is %s in Avro, which is not %s in Flink."
            .formatted(path, schema, type.asSummaryString()));
  }

  /** The unit of an Avro time type. */
  private enum Unit {
    NONE(0, ""),
    MILLIS(3, "milliseconds"),
    MICROS(6, "microseconds"),
    NANOS(9, "nanoseconds");

    private final int digits;
    private final String plural;

    Unit(int digits, String plural) {
      this.digits = digits;
      this.plural = plural;
    }

    static Unit of(Schema schema) {
      String name = schema.getLogicalType() == null ? "" : schema.getLogicalType().getName();
      return name.endsWith("-millis")
          ? MILLIS
          : name.endsWith("-micros") ? MICROS : name.endsWith("-nanos") ? NANOS : NONE;
    }
  }
}
