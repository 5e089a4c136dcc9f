package io.medallion.schemas;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.table.types.logical.RowType;

/**
 * One table of the lakehouse.
 *
 * @param layer the database
 * @param name the table's name within it
 * @param columns all columns in order, without Hudi's own
 * @param key the record key
 * @param partitionBy the partition columns; empty for an unpartitioned table
 * @param writing how rows get in
 * @param version what its rows are made by; another one makes others
 * @param fingerprint of what its rows are made by, so that a change is noticed that no version
 *     tells; empty for a table whose rows are always made the same way
 */
public record TableDefinition(
    Layer layer,
    String name,
    RowType columns,
    List<String> key,
    List<String> partitionBy,
    Writing writing,
    int version,
    String fingerprint)
    implements Serializable {
  public TableDefinition {
    key = List.copyOf(key);
    partitionBy = List.copyOf(partitionBy);
  }

  /** A table whose rows are always made the same way. */
  public TableDefinition(
      Layer layer,
      String name,
      RowType columns,
      List<String> key,
      List<String> partitionBy,
      Writing writing) {
    this(layer, name, columns, key, partitionBy, writing, 1, "");
  }

  /** How rows get into a table. */
  public enum Writing {
    /** Every row is new; there is no index and nothing is ever merged. */
    APPEND,
    /** One row per key; the last row written wins, a delete removes it. */
    UPSERT,
    /** As {@link #UPSERT}, and every change is kept for readers of the changelog. */
    CHANGELOG
  }

  /** {@code silver.transactions}, as SQL names it. */
  public String qualifiedName() {
    return layer.database() + "." + name;
  }

  /** The table's folder below the warehouse. */
  public String path(String warehouse) {
    return (warehouse.endsWith("/") ? warehouse : warehouse + "/") + layer.database() + "/" + name;
  }
}
