package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.Serializable;

/** A table whose changes a job reads. */
record FollowedTable(TableDefinition table, String warehouse) implements Serializable {
  String name() {
    return table.qualifiedName();
  }

  HudiTable hudi() {
    return new HudiTable(table, warehouse);
  }
}
