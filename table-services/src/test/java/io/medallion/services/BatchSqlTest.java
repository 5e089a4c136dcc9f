package io.medallion.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSqlTest {
  private static final DataType COLUMNS =
      DataTypes.ROW(
              DataTypes.FIELD("id", DataTypes.STRING().notNull()),
              DataTypes.FIELD("region", DataTypes.STRING()),
              DataTypes.FIELD("day", DataTypes.DATE()),
              DataTypes.FIELD("tiny", DataTypes.TINYINT()),
              DataTypes.FIELD("small", DataTypes.SMALLINT()),
              DataTypes.FIELD("texts", DataTypes.ARRAY(DataTypes.STRING())),
              DataTypes.FIELD(
                  "pair",
                  DataTypes.ROW(
                      DataTypes.FIELD("a", DataTypes.INT()),
                      DataTypes.FIELD("b", DataTypes.STRING()))))
          .notNull();

  private static final TableDefinition TABLE =
      new TableDefinition(
          Layer.GOLD,
          "odd",
          (RowType) COLUMNS.getLogicalType(),
          List.of("id"),
          List.of("region", "day"),
          Writing.UPSERT);

  /** What Hudi's own format for Flink SQL reads as something else, or not at all. */
  private static final Row EMPTY =
      Row.of("empty", "", LocalDate.EPOCH, (byte) 0, (short) -1, new String[0], Row.of(null, null));

  private static final Row NULL = Row.of("null", null, null, null, null, null, null);

  @TempDir Path folder;

  @Test
  void aTableIsReadToTheLastField() {
    // Given
    String warehouse = folder.resolve("lake").toUri().toString();
    Lakehouse lakehouse = new Lakehouse(warehouse, "p");
    lakehouse.create(TABLE);
    BatchSql none = new BatchSql();
    none.table("odd", lakehouse, TABLE);
    assertThat(rows(none, "SELECT * FROM odd")).isEmpty();
    write(lakehouse, EMPTY, NULL);
    String first = CommitLog.latest(warehouse, TABLE).orElseThrow().instant();
    Row full =
        Row.of(
            "full",
            "EU",
            LocalDate.of(2026, 1, 2),
            (byte) 1,
            (short) 300,
            new String[] {"", "a"},
            Row.of(1, "b"));
    write(lakehouse, full);

    // When
    BatchSql sql = new BatchSql();
    sql.table("odd", lakehouse, TABLE);
    sql.tableAsOf("first", lakehouse, TABLE, first);

    // Then
    assertThat(rows(sql, "SELECT * FROM odd")).containsExactlyInAnyOrder(EMPTY, NULL, full);
    assertThat(rows(sql, "SELECT * FROM `first`")).containsExactlyInAnyOrder(EMPTY, NULL);
    assertThat(
            rows(
                sql,
                "SELECT SUM(small) FROM odd WHERE region <> 'x' AND CARDINALITY(texts) + tiny < 9"))
        .containsExactly(Row.of((short) 299));
  }

  private static void write(Lakehouse lakehouse, Row... rows) {
    DataStructureConverter<Object, Object> converter =
        DataStructureConverters.getConverter(COLUMNS);
    converter.open(BatchSqlTest.class.getClassLoader());
    lakehouse.rewrite(
        TABLE,
        changes -> {
          for (Row row : rows) {
            RowData change = (RowData) converter.toInternal(row);
            change.setRowKind(RowKind.INSERT);
            changes.accept(change);
          }
        },
        Progress.NONE);
  }

  private static List<Row> rows(BatchSql sql, String query) {
    List<Row> rows = new ArrayList<>();
    sql.forEach(query, rows::add);
    return rows;
  }
}
