package io.medallion.io;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.schemas.Tables;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;

/** Small tables to try the protocol with. */
final class Numbers {
  static final String TOPIC = "t";

  /** An append table: a row for each Kafka record. */
  static final TableDefinition BRONZE =
      new TableDefinition(
          Layer.BRONZE,
          "numbers",
          (RowType)
              DataTypes.ROW(
                      DataTypes.FIELD(Tables.TOPIC, DataTypes.STRING().notNull()),
                      DataTypes.FIELD(Tables.PARTITION, DataTypes.INT().notNull()),
                      DataTypes.FIELD(Tables.OFFSET, DataTypes.BIGINT().notNull()))
                  .notNull()
                  .getLogicalType(),
          List.of(Tables.TOPIC, Tables.PARTITION, Tables.OFFSET),
          List.of(Tables.TOPIC),
          Writing.APPEND);

  /** A changelog table: the last number of each key. */
  static final TableDefinition SILVER =
      new TableDefinition(
          Layer.SILVER,
          "numbers",
          (RowType)
              DataTypes.ROW(
                      DataTypes.FIELD("id", DataTypes.STRING().notNull()),
                      DataTypes.FIELD("half", DataTypes.STRING()),
                      DataTypes.FIELD("number", DataTypes.BIGINT()))
                  .notNull()
                  .getLogicalType(),
          List.of("id"),
          List.of("half"),
          Writing.CHANGELOG);

  private Numbers() {}

  static RowData record(int partition, long offset) {
    return record(BRONZE, TOPIC, partition, offset);
  }

  /** A record as a bronze table keeps it; columns that say no more than where it is from. */
  static RowData record(TableDefinition bronze, String topic, int partition, long offset) {
    GenericRowData row = new GenericRowData(bronze.columns().getFieldCount());
    Map<String, Object> values =
        Map.of(
            Tables.TOPIC,
            StringData.fromString(topic),
            Tables.PARTITION,
            partition,
            Tables.OFFSET,
            offset,
            Tables.SOURCE_SYSTEM,
            StringData.fromString("erp"),
            Tables.INGESTION_DATE,
            StringData.fromString("2026-01-01"));
    values.forEach(
        (column, value) -> {
          int field = bronze.columns().getFieldIndex(column);
          if (field >= 0) {
            row.setField(field, value);
          }
        });
    return row;
  }

  static RowData row(String id, long number) {
    return change(RowKind.INSERT, id, number);
  }

  static RowData change(RowKind kind, String id, long number) {
    return GenericRowData.ofKind(
        kind, StringData.fromString(id), StringData.fromString("all"), number);
  }
}
