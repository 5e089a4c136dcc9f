package io.medallion.schemas;

import java.util.List;
import org.apache.flink.table.types.logical.RowType;

/**
 * One gold table: an aggregation over silver.
 *
 * @param table the table's name
 * @param sql the SELECT ... GROUP BY over {@code silver}
 * @param columns the row type of the SELECT, as Flink plans it
 * @param key the columns that identify a group
 * @param version the version of the query; a changed query takes a higher one
 */
public record GoldDefinition(
    String table, String sql, RowType columns, List<String> key, int version) {
  public GoldDefinition {
    key = List.copyOf(key);
  }
}
