package io.medallion.silver;

import java.util.List;
import javax.annotation.Nullable;

/**
 * What an event did to the history of its key.
 *
 * @param held the events that must be held from now on, in the order of their versions, in place of
 *     those that it was compared with
 * @param rows the rows that are others now, in their order
 * @param outcome what became of the event
 * @param moves the earlier events that have another outcome now, almost always none
 */
record HistoryChange(List<Event> held, List<RowChange> rows, Outcome outcome, List<Move> moves) {
  HistoryChange {
    held = List.copyOf(held);
    rows = List.copyOf(rows);
    moves = List.copyOf(moves);
  }

  /**
   * A row that begins at some order value, before and after.
   *
   * @param before null when none began there
   * @param after null when none begins there now
   */
  record RowChange(@Nullable HistoryRow before, @Nullable HistoryRow after) {
    /** Whether nothing but the row's end has changed. */
    boolean isOfItsEnd() {
      return before != null && after != null && before.hasSameRecord(after);
    }
  }
}
