package io.medallion.silver;

import static org.apache.flink.table.api.DataTypes.ARRAY;
import static org.apache.flink.table.api.DataTypes.BIGINT;
import static org.apache.flink.table.api.DataTypes.BOOLEAN;
import static org.apache.flink.table.api.DataTypes.BYTES;
import static org.apache.flink.table.api.DataTypes.DATE;
import static org.apache.flink.table.api.DataTypes.DECIMAL;
import static org.apache.flink.table.api.DataTypes.DOUBLE;
import static org.apache.flink.table.api.DataTypes.FIELD;
import static org.apache.flink.table.api.DataTypes.FLOAT;
import static org.apache.flink.table.api.DataTypes.INT;
import static org.apache.flink.table.api.DataTypes.MAP;
import static org.apache.flink.table.api.DataTypes.ROW;
import static org.apache.flink.table.api.DataTypes.STRING;
import static org.apache.flink.table.api.DataTypes.TIME;
import static org.apache.flink.table.api.DataTypes.TIMESTAMP;

import io.medallion.schemas.Contract;
import org.apache.avro.Schema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.logical.RowType;

/** Contracts for tests. */
final class Contracts {
  /** One nullable field of every type, named after it; {@code id} alone must be there. */
  static final Contract EVERY_TYPE =
      contract(
          """
          {"type": "record", "name": "Every", "namespace": "test", "fields": [
            {"name": "id", "type": "string"},
            {"name": "text", "type": ["null", "string"], "default": null},
            {"name": "flag", "type": ["null", "boolean"], "default": null},
            {"name": "int", "type": ["null", "int"], "default": null},
            {"name": "long", "type": ["null", "long"], "default": null},
            {"name": "float", "type": ["null", "float"], "default": null},
            {"name": "double", "type": ["null", "double"], "default": null},
            {"name": "amount", "type": ["null",
              {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}], "default": null},
            {"name": "bytes", "type": ["null", "bytes"], "default": null},
            {"name": "fixed", "type": ["null", {"type": "fixed", "name": "Two", "size": 2}], "default": null},
            {"name": "kind", "type": ["null",
              {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A"}], "default": null},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null},
            {"name": "time", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null},
            {"name": "millis", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null},
            {"name": "micros", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": null},
            {"name": "local", "type": ["null", {"type": "long", "logicalType": "local-timestamp-millis"}], "default": null},
            {"name": "tags", "type": ["null", {"type": "array", "items": "string"}], "default": null},
            {"name": "counts", "type": ["null", {"type": "map", "values": ["null", "int"]}], "default": null},
            {"name": "address", "type": ["null", {"type": "record", "name": "Address", "fields": [
              {"name": "city", "type": "string"},
              {"name": "zip", "type": ["null", "int"]}]}], "default": null},
            {"name": "items", "type": ["null", {"type": "array", "items":
              {"type": "record", "name": "Item", "fields": [
                {"name": "price", "type": "double"}]}}], "default": null}
          ]}
          """,
          FIELD("id", STRING().notNull()),
          FIELD("text", STRING()),
          FIELD("flag", BOOLEAN()),
          FIELD("int", INT()),
          FIELD("long", BIGINT()),
          FIELD("float", FLOAT()),
          FIELD("double", DOUBLE()),
          FIELD("amount", DECIMAL(18, 2)),
          FIELD("bytes", BYTES()),
          FIELD("fixed", DataTypes.BINARY(2)),
          FIELD("kind", STRING()),
          FIELD("day", DATE()),
          FIELD("time", TIME(3)),
          FIELD("millis", TIMESTAMP(3)),
          FIELD("micros", TIMESTAMP(6)),
          FIELD("local", TIMESTAMP(3)),
          FIELD("tags", ARRAY(STRING().notNull())),
          FIELD("counts", MAP(STRING().notNull(), INT())),
          FIELD("address", ROW(FIELD("city", STRING().notNull()), FIELD("zip", INT()))),
          FIELD("items", ARRAY(ROW(FIELD("price", DOUBLE().notNull())).notNull())));

  /** Fields that may be missing for one reason each. */
  static final Contract DEFAULTS =
      contract(
          """
          {"type": "record", "name": "Defaults", "namespace": "test", "fields": [
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A"},
             "default": "B"},
            {"name": "nullable", "type": ["null", "string"]},
            {"name": "count", "type": ["int", "null"], "default": 7},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
             "default": "\\u0001\\u0000"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "default": -1},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": ["x"]},
            {"name": "counts", "type": {"type": "map", "values": "int"}, "default": {"a": 1}},
            {"name": "address", "type": {"type": "record", "name": "Address", "fields": [
              {"name": "city", "type": "string", "default": "Ulm"}]}, "default": {}}
          ]}
          """,
          FIELD("kind", STRING().notNull()),
          FIELD("nullable", STRING()),
          FIELD("count", INT()),
          FIELD("amount", DECIMAL(4, 2).notNull()),
          FIELD("at", TIMESTAMP(6).notNull()),
          FIELD("tags", ARRAY(STRING().notNull()).notNull()),
          FIELD("counts", MAP(STRING().notNull(), INT().notNull()).notNull()),
          FIELD("address", ROW(FIELD("city", STRING().notNull())).notNull()));

  private Contracts() {}

  static Contract contract(String schema, DataTypes.Field... fields) {
    Schema parsed = new Schema.Parser().parse(schema);
    return new Contract(
        parsed.getFullName(), parsed, (RowType) ROW(fields).notNull().getLogicalType());
  }
}
