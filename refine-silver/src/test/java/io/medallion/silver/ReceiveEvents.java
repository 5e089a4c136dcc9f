package io.medallion.silver;

import java.util.Map;
import java.util.function.Predicate;
import javax.annotation.Nullable;

/** One key of a silver job: keeps its state as bytes between two events, as RocksDB does. */
final class ReceiveEvents {
  private final MergeEvents merge;
  private final StoreRows rows;
  private final CountedEvents counted = new CountedEvents();
  @Nullable private byte[] state;
  private String record = Orders.show(null);

  ReceiveEvents(MergeEvents merge) {
    this.merge = merge;
    this.rows = new StoreRows(merge.stateType());
  }

  /** Merges an event; fails when its record before is not the one that was left. */
  MergedEvent receive(Event event) {
    MergedEvent merged = merge.merge(state == null ? null : rows.read(state), event);
    if (!Orders.show(merged.before()).equals(record)) {
      throw new AssertionError(
          "%s was seen last, now before is %s".formatted(record, Orders.show(merged.before())));
    }
    state = rows.write(merged.state());
    record = Orders.show(merged.after());
    counted.count(event.at(), merged.outcome(), merged.moves());
    return merged;
  }

  String record() {
    return record;
  }

  /** How many events are in each outcome; without outcomes that no event is in. */
  Map<Outcome, Integer> total() {
    return counted.total();
  }

  /** The same of some events, by their place in the order. */
  Map<Outcome, Integer> total(Predicate<Version> which) {
    return counted.total(which);
  }
}
