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
 * @param references the tables beside silver that the query names
 */
public record GoldDefinition(
    String table,
    String sql,
    RowType columns,
    List<String> key,
    int version,
    List<Reference> references) {
  public GoldDefinition {
    key = List.copyOf(key);
    references = List.copyOf(references);
  }

  /**
   * Tells what the table's rows are made of: another one for another query, but for its comments
   * and blanks, and for other rows in a file that it names.
   */
  public String fingerprint() {
    StringBuilder made = new StringBuilder(Sql.withoutComments(sql));
    references.forEach(
        reference ->
            made.append('\n').append(reference.name()).append(' ').append(reference.fingerprint()));
    return Fingerprint.of(made.toString());
  }
}
