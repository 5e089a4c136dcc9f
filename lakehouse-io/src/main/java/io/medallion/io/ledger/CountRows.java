package io.medallion.io.ledger;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.TableDefinition;
import java.util.List;
import org.apache.flink.types.RowKind;

/** Counts the rows of a table as it was after a commit. */
final class CountRows {
  private static final int BETWEEN_REPORTS = 10_000;

  private final String what;
  private final AuditProgress progress;
  private long rows;

  private CountRows(String what, AuditProgress progress) {
    this.what = what;
    this.progress = progress;
  }

  static long count(Lakehouse lake, TableDefinition table, String instant, AuditProgress progress) {
    CountRows count = new CountRows("rows of " + table.qualifiedName(), progress);
    lake.readAsOf(table, instant, List.of(table.key().get(0)), row -> count.add(row.getRowKind()));
    progress.read(count.what, count.rows);
    return count.rows;
  }

  private void add(RowKind kind) {
    if (kind == RowKind.INSERT || kind == RowKind.UPDATE_AFTER) {
      rows++;
      if (rows % BETWEEN_REPORTS == 0) {
        progress.read(what, rows);
      }
    }
  }
}
