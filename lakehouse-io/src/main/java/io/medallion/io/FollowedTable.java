package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.Serializable;

/**
 * A table whose changes a job reads.
 *
 * @param path its folder
 */
record FollowedTable(TableDefinition table, String path) implements Serializable {
  FollowedTable(HudiTable table) {
    this(table.definition(), table.path());
  }

  String name() {
    return table.qualifiedName();
  }
}
