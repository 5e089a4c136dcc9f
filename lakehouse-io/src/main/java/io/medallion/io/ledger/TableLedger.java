package io.medallion.io.ledger;

/**
 * The commits of one table.
 *
 * @param table the table's qualified name
 * @param commits how many commits of ours it has, archived ones included
 * @param withoutPosition how many commits carry no position
 * @param first the first commit's instant, empty when there is none
 * @param newest the newest commit's instant at the time of the audit, empty when there is none
 * @param rows the rows that were counted, of all commits up to the newest; -1 where none were
 */
public record TableLedger(
    String table, long commits, long withoutPosition, String first, String newest, long rows) {
  static final long NOT_COUNTED = -1;

  TableLedger withRows(long counted) {
    return new TableLedger(table, commits, withoutPosition, first, newest, counted);
  }
}
