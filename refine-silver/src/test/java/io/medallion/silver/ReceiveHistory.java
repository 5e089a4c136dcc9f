package io.medallion.silver;

import io.medallion.silver.HistoryChange.RowChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.annotation.Nullable;

/**
 * One key of a silver job that keeps histories: keeps its events as bytes, hands out as few of them
 * as will do, and applies the changes of its rows.
 */
final class ReceiveHistory {
  private final HistoryOfKey history = Orders.history();
  private final HistoryCodec codec = new HistoryCodec(Orders.CONTRACT, Orders.CORRECTION_SETS);
  private final StoreRows store = new StoreRows(codec.rowType());
  private final MergedRecord record = new MergedRecord(Orders.CONTRACT);
  private final CountedEvents counted = new CountedEvents();
  private final List<byte[]> held = new ArrayList<>();
  private final SortedMap<Long, String> rows = new TreeMap<>();

  /** Adds an event; fails when a row before is not the one that was left. */
  HistoryChange receive(Event event) {
    List<Event> since = new ArrayList<>();
    while (!held.isEmpty()
        && (since.isEmpty()
            || !HistoryOfKey.isEnoughFrom(since.get(since.size() - 1), event.at()))) {
      since.add(codec.event(store.read(held.remove(held.size() - 1))));
    }
    Collections.reverse(since);
    HistoryChange change = history.add(since, event);
    change.held().forEach(each -> held.add(store.write(codec.encode(each, "previous"))));
    counted.count(event.at(), change.outcome(), change.moves());
    change.rows().forEach(this::apply);
    return change;
  }

  private void apply(RowChange change) {
    if (change.before() != null) {
      String seen = rows.remove(change.before().from());
      if (!show(change.before()).equals(seen)) {
        throw new AssertionError(
            "%s was seen last, now before is %s".formatted(seen, show(change.before())));
      }
    }
    if (change.after() != null && rows.put(change.after().from(), show(change.after())) != null) {
      throw new AssertionError("There was a row before that " + show(change.after()) + " begins");
    }
  }

  /** All rows in their order, {@code "1 to 3: (record)"} or {@code "3 on: (record)"}. */
  List<String> rows() {
    return List.copyOf(rows.values());
  }

  String show(@Nullable HistoryRow row) {
    return row == null
        ? "no row"
        : row.from()
            + (row.to() == null ? " on: " : " to " + row.to() + ": ")
            + Orders.show(record.of(row.state()));
  }

  /** How many events are held. */
  int held() {
    return held.size();
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
