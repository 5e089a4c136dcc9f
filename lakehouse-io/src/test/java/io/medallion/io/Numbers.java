package io.medallion.io;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.schemas.Tables;
import java.util.List;
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
    return GenericRowData.of(StringData.fromString(TOPIC), partition, offset);
  }

  static RowData row(String id, long number) {
    return change(RowKind.INSERT, id, number);
  }

  static RowData change(RowKind kind, String id, long number) {
    return GenericRowData.ofKind(
        kind, StringData.fromString(id), StringData.fromString("all"), number);
  }
}
