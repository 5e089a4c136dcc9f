package io.medallion.schemas;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.BooleanType;
import org.apache.flink.table.types.logical.DateType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.DoubleType;
import org.apache.flink.table.types.logical.FloatType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimeType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * Avro types as Flink types. A field is NOT NULL unless it is a union of null and one type.
 *
 * <table>
 * <caption>Types</caption>
 * <tr><td>string, enum, uuid</td><td>STRING</td></tr>
 * <tr><td>int, long, float, double, boolean</td><td>INT, BIGINT, FLOAT, DOUBLE, BOOLEAN</td></tr>
 * <tr><td>bytes, fixed</td><td>BYTES</td></tr>
 * <tr><td>decimal(p, s)</td><td>DECIMAL(p, s), p up to 38</td></tr>
 * <tr><td>date</td><td>DATE</td></tr>
 * <tr><td>time-millis, time-micros</td><td>TIME(3), TIME(6)</td></tr>
 * <tr><td>(local-)timestamp-millis, -micros</td><td>TIMESTAMP(3), TIMESTAMP(6), in UTC</td></tr>
 * <tr><td>array, map, record</td><td>ARRAY, MAP with STRING keys, ROW</td></tr>
 * </table>
 */
public final class ContractTypes {
  private static final Set<String> KNOWN_LOGICAL_TYPES =
      Set.of(
          "decimal",
          "date",
          "time-millis",
          "time-micros",
          "timestamp-millis",
          "timestamp-micros",
          "local-timestamp-millis",
          "local-timestamp-micros",
          "uuid");
  private static final Set<String> REFUSED_LOGICAL_TYPES =
      Set.of("timestamp-nanos", "local-timestamp-nanos", "big-decimal", "duration");

  private final String file;
  private final Problems problems;
  private final Set<String> open = new HashSet<>();

  private ContractTypes(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /**
   * The row type of a contract.
   *
   * @throws InvalidConfigurationException if a field has no Flink type, naming every such field
   */
  public static RowType rowType(Schema contract) {
    Problems problems = new Problems();
    Optional<RowType> rowType = rowType(contract, contract.getFullName(), problems);
    problems.throwIfAny("The contract " + contract.getFullName());
    return rowType.orElseThrow();
  }

  /** The row type of a contract, or empty when a problem was recorded. */
  static Optional<RowType> rowType(Schema contract, String file, Problems problems) {
    if (contract.getType() != Schema.Type.RECORD) {
      problems.add(
          file,
          "type",
          contract.getType().getName(),
          "record",
          "Wrap the fields of an event in a record.");
      return Optional.empty();
    }
    int before = problems.count();
    RowType rowType = new ContractTypes(file, problems).record(contract, "");
    return problems.count() == before ? Optional.of(rowType) : Optional.empty();
  }

  private RowType record(Schema record, String path) {
    List<RowType.RowField> fields = new ArrayList<>();
    if (!open.add(record.getFullName())) {
      refuse(
          path,
          "record " + record.getFullName() + " inside itself",
          "a type of known depth",
          "Flatten it, or carry it as a string.");
      return new RowType(false, fields);
    }
    if (record.getFields().isEmpty()) {
      refuse(path, "record " + record.getFullName() + " without fields", "fields", "Add a field.");
    }
    for (Schema.Field field : record.getFields()) {
      String fieldPath = path.isEmpty() ? field.name() : path + "." + field.name();
      fields.add(new RowType.RowField(field.name(), type(field.schema(), fieldPath)));
    }
    open.remove(record.getFullName());
    return new RowType(false, fields);
  }

  private LogicalType type(Schema schema, String path) {
    return switch (schema.getType()) {
      case UNION -> nullable(schema, path);
      case RECORD -> record(schema, path);
      case ARRAY -> new ArrayType(false, type(schema.getElementType(), path + "[]"));
      case MAP -> new MapType(false, string(), type(schema.getValueType(), path + "{}"));
      case NULL -> {
        refuse(path, "null", "a type", "Name the type: [\"null\", \"string\"].");
        yield string();
      }
      case STRING, ENUM, BYTES, FIXED, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> scalar(schema, path);
    };
  }

  private LogicalType nullable(Schema union, String path) {
    List<Schema> types =
        union.getTypes().stream().filter(type -> type.getType() != Schema.Type.NULL).toList();
    if (types.size() == 1 && union.getTypes().size() == 2) {
      return type(types.get(0), path).copy(true);
    }
    refuse(
        path,
        "the union " + union.getTypes().stream().map(type -> type.getType().getName()).toList(),
        "a union of null and one type",
        "Use one type per field, or a record with one nullable field per type.");
    return string();
  }

  private LogicalType scalar(Schema schema, String path) {
    String declared = schema.getProp("logicalType");
    boolean misplaced =
        schema.getLogicalType() == null && KNOWN_LOGICAL_TYPES.contains(String.valueOf(declared));
    if (misplaced || REFUSED_LOGICAL_TYPES.contains(String.valueOf(declared))) {
      refuse(
          path,
          "logicalType " + declared + " on " + schema.getType().getName(),
          "a logical type of Avro with at most microseconds, on the type it is made for",
          "Correct the logicalType, its precision and its scale.");
      return string();
    }
    String logical = schema.getLogicalType() == null ? "" : schema.getLogicalType().getName();
    return switch (logical) {
      case "decimal" -> decimal((LogicalTypes.Decimal) schema.getLogicalType(), path);
      case "date" -> new DateType(false);
      case "time-millis" -> new TimeType(false, 3);
      case "time-micros" -> new TimeType(false, 6);
      case "timestamp-millis", "local-timestamp-millis" -> new TimestampType(false, 3);
      case "timestamp-micros", "local-timestamp-micros" -> new TimestampType(false, 6);
      default -> plain(schema.getType());
    };
  }

  private LogicalType decimal(LogicalTypes.Decimal decimal, String path) {
    if (decimal.getPrecision() > DecimalType.MAX_PRECISION) {
      refuse(
          path,
          "decimal of precision " + decimal.getPrecision(),
          "a precision of at most " + DecimalType.MAX_PRECISION,
          "Lower the precision.");
      return string();
    }
    return new DecimalType(false, decimal.getPrecision(), decimal.getScale());
  }

  private static LogicalType plain(Schema.Type type) {
    return switch (type) {
      case INT -> new IntType(false);
      case LONG -> new BigIntType(false);
      case FLOAT -> new FloatType(false);
      case DOUBLE -> new DoubleType(false);
      case BOOLEAN -> new BooleanType(false);
      case BYTES, FIXED -> new VarBinaryType(false, VarBinaryType.MAX_LENGTH);
      default -> string();
    };
  }

  private static LogicalType string() {
    return new VarCharType(false, VarCharType.MAX_LENGTH);
  }

  private void refuse(String path, String value, String expected, String remedy) {
    problems.add(file, "field " + path, value, expected, remedy);
  }
}
