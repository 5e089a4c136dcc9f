package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.table.data.RowData;

/**
 * The rows of a table that another version of its definition has made: the first commit of this one
 * takes their place. There are none where there is no other version, or no table.
 */
public final class FormerRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String warehouse;
  private final TableDefinition table;
  private final long timeoutMs;

  /**
   * @param timeoutMs how long to wait until the table is this job's
   */
  FormerRows(String warehouse, TableDefinition table, long timeoutMs) {
    this.warehouse = warehouse;
    this.table = table;
    this.timeoutMs = timeoutMs;
  }

  /** Whether there are any, as far as can be said before the job has the table. */
  boolean areThere() {
    return CommitLog.latest(warehouse, table)
        .filter(made -> made.version() != table.version())
        .isPresent();
  }

  /**
   * Reads all of them.
   *
   * @param task of the job that writes the table
   * @param rows takes the table's columns
   */
  public void read(Environment task, Consumer<RowData> rows) {
    if (!areThere()) {
      return;
    }
    // The checkpoint that the job has restored may hold the commit that takes their place.
    new CommitLine(task, table.qualifiedName(), timeoutMs).join();
    if (!areThere()) {
      return;
    }
    HudiTable hudi = new HudiTable(table, warehouse);
    FileSlices slices = new FileSlices(table, hudi.reading());
    String newest = CommitLog.newestInstant(warehouse, table).orElseThrow();
    try {
      for (CommittedFile slice : FileSlices.asOf(hudi, newest)) {
        slices.read(slice, rows);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read the rows of " + table, failure);
    }
  }
}
