package io.medallion.io.ledger;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import java.util.Map;

/**
 * A table's commits as a whole.
 *
 * @param covered of each input all that the commits took together, from the first to the last
 * @param newest what the newest commit of ours carries, {@link Progress#NONE} when there is none
 */
record WalkedTable(TableLedger ledger, Map<String, Span> covered, Progress newest) {
  WalkedTable {
    covered = Map.copyOf(covered);
  }

  /** What a table without any commit looks like. */
  static WalkedTable none(String table) {
    return new WalkedTable(
        new TableLedger(table, 0, 0, "", "", TableLedger.NOT_COUNTED), Map.of(), Progress.NONE);
  }

  String name() {
    return ledger.table();
  }

  boolean hasCommits() {
    return !ledger.newest().isEmpty();
  }
}
