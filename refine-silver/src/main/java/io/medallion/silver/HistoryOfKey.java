package io.medallion.silver;

import io.medallion.silver.HistoryChange.RowChange;
import io.medallion.silver.KeyState.Base;
import io.medallion.silver.KeyState.Correction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.annotation.Nullable;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * The versions of one key. They are what one gets by applying its events one after another in the
 * order of their {@link Version}: an insert replaces the record whole, a correction sets the
 * correctable fields that it carries and that are not null, a reversal ends the record. After all
 * events of one order value that changed something a new version begins there, and the one before
 * it ends there. So the rows depend on the set of events only, not on the order they come in: a
 * late event splits a version, begins one before all others, ends one, or changes all that follow
 * up to the next insert.
 *
 * <p>Of events with equal order values the last one decides, as for any two events; no version is
 * of length zero. A correction that sets a field to the value that it has begins a version too.
 *
 * <p>Each event is in one {@link Outcome}, which depends on the set of events only as well. It is
 * the first of these that fits:
 *
 * <ul>
 *   <li>duplicate: a correction that sets nothing; an event that came already, by its Kafka
 *       coordinates; or one whose content a later event of the same order value has too, be it the
 *       whole row of an insert, each value that a correction sets, or that it is a reversal
 *   <li>superseded: later events of the same order value replace all that it did, so that no row
 *       shows it: an insert or a reversal, or corrections of all fields that it sets
 *   <li>applied: an insert, and a correction of a record
 *   <li>deleted: a reversal, whether or not there is a record to end
 *   <li>pending: a correction that has no insert before it, or only a reversed one. It waits for
 *       ever, since a late insert may come before it
 * </ul>
 *
 * A later event that changes the outcome of an earlier one says so in its {@link Move}s.
 *
 * <p>All events but duplicates must be held. Not thread-safe: one per subtask.
 */
final class HistoryOfKey {
  private final CorrectableFields correctable;
  private final SameContent sameRow;

  /**
   * The rule for the keys of a pipeline.
   *
   * @param contract the type of the events' rows
   * @param correctionSets the contract's fields that a correction may set
   * @throws IllegalArgumentException if one of them is no field of the contract
   */
  HistoryOfKey(RowType contract, List<String> correctionSets) {
    this.correctable = new CorrectableFields(contract, correctionSets);
    this.sameRow = new SameContent(contract);
  }

  /**
   * Whether an event's changes can be told without the events before a held one: it leaves nothing
   * of what was before it, and no event that it is compared with has its order value.
   */
  static boolean isEnoughFrom(Event held, Version arriving) {
    return held.kind() != Event.Kind.CORRECTION && held.at().order() < arriving.order();
  }

  /**
   * Adds one event.
   *
   * @param since the events that are held of the key, in the order of their versions, all of them
   *     or those from the last one on that {@link #isEnoughFrom is enough}
   */
  HistoryChange add(List<Event> since, Event event) {
    boolean cameAlready = since.stream().anyMatch(held -> held.at().equals(event.at()));
    if (cameAlready || setsNothing(event)) {
      return new HistoryChange(since, List.of(), Outcome.DUPLICATE, List.of());
    }
    List<Event> all = new ArrayList<>(since);
    all.add(event);
    all.sort((one, other) -> one.at().compareTo(other.at()));
    Fold before = new Fold(since);
    Fold after = new Fold(all);
    List<Move> moves = new ArrayList<>();
    for (Event held : since) {
      Outcome was = before.outcomes.get(held.at());
      Outcome is = after.outcomes.get(held.at());
      if (was != is) {
        moves.add(new Move(held.at(), was, is));
      }
    }
    all.removeIf(held -> after.outcomes.get(held.at()) == Outcome.DUPLICATE);
    return new HistoryChange(
        all, changes(before.rows, after.rows), after.outcomes.get(event.at()), moves);
  }

  private boolean setsNothing(Event event) {
    return event.kind() == Event.Kind.CORRECTION && correctable.setBy(event.row()).isEmpty();
  }

  private static List<RowChange> changes(
      SortedMap<Long, HistoryRow> before, SortedMap<Long, HistoryRow> after) {
    SortedMap<Long, RowChange> changes = new TreeMap<>();
    before.forEach((from, row) -> changes.put(from, new RowChange(row, after.get(from))));
    after.forEach((from, row) -> changes.putIfAbsent(from, new RowChange(null, row)));
    return changes.values().stream()
        .filter(
            change ->
                change.before() == null
                    || change.after() == null
                    || !change.before().isSame(change.after()))
        .toList();
  }

  /** The rows and outcomes of some events. */
  private final class Fold {
    private final SortedMap<Long, HistoryRow> rows = new TreeMap<>();
    private final Map<Version, Outcome> outcomes = new HashMap<>();
    private KeyState state = KeyState.EMPTY;
    private @Nullable Long openFrom;
    private KeyState open = KeyState.EMPTY;

    /**
     * @param events in the order of their versions
     */
    Fold(List<Event> events) {
      int first = 0;
      while (first < events.size()) {
        long order = events.get(first).at().order();
        int next = first + 1;
        while (next < events.size() && events.get(next).at().order() == order) {
          next++;
        }
        apply(order, events.subList(first, next));
        first = next;
      }
      close(null);
    }

    /** All events of one order value. */
    private void apply(long order, List<Event> ties) {
      boolean changes = false;
      for (Event event : ties) {
        changes |= apply(event);
      }
      hide(ties);
      if (changes) {
        close(order);
        if (state.hasRecord()) {
          openFrom = order;
          open = state;
        }
      }
    }

    /** Tells whether it changes the record. */
    private boolean apply(Event event) {
      if (event.kind() == Event.Kind.CORRECTION) {
        outcomes.put(event.at(), state.ofCorrections());
        if (state.hasRecord()) {
          correct(event);
        }
        return state.hasRecord();
      }
      boolean isInsert = event.kind() == Event.Kind.INSERT;
      Base base =
          new Base(
              event.at(), event.kafkaTimestamp(), isInsert ? event.row() : null, event.rescued());
      outcomes.put(event.at(), base.outcome());
      state = new KeyState(base, Map.of());
      return true;
    }

    private void correct(Event event) {
      Map<String, Correction> corrections = new HashMap<>(state.corrections());
      correctable
          .setBy(event.row())
          .forEach(
              (field, value) ->
                  corrections.put(
                      field, new Correction(event.at(), event.kafkaTimestamp(), value)));
      state = new KeyState(state.base(), corrections);
    }

    private void hide(List<Event> ties) {
      Later later = new Later();
      for (int i = ties.size() - 1; i > 0; i--) {
        later.add(ties.get(i));
        Event event = ties.get(i - 1);
        if (later.repeats(event)) {
          outcomes.put(event.at(), Outcome.DUPLICATE);
        } else if (later.replaces(event)) {
          outcomes.put(event.at(), Outcome.SUPERSEDED);
        }
      }
    }

    private void close(@Nullable Long order) {
      if (openFrom != null) {
        rows.put(openFrom, new HistoryRow(openFrom, order, open));
        openFrom = null;
      }
    }
  }

  /** What the later events of one order value say, each insert and value once. */
  private final class Later {
    private final Set<Inserted> inserts = new HashSet<>();
    private final Map<String, Set<BinaryRowData>> values = new HashMap<>();
    private boolean reverses;

    void add(Event event) {
      switch (event.kind()) {
        case INSERT -> inserts.add(inserted(event));
        case REVERSAL -> reverses = true;
        case CORRECTION ->
            correctable
                .setBy(event.row())
                .forEach(
                    (field, value) ->
                        values
                            .computeIfAbsent(field, first -> new HashSet<>())
                            .add(correctable.comparable(field, value)));
      }
    }

    boolean repeats(Event event) {
      return switch (event.kind()) {
        case INSERT -> inserts.contains(inserted(event));
        case REVERSAL -> reverses;
        case CORRECTION ->
            correctable.setBy(event.row()).entrySet().stream()
                .allMatch(
                    field ->
                        values
                            .getOrDefault(field.getKey(), Set.of())
                            .contains(correctable.comparable(field.getKey(), field.getValue())));
      };
    }

    boolean replaces(Event event) {
      return reverses
          || !inserts.isEmpty()
          || (event.kind() == Event.Kind.CORRECTION
              && values.keySet().containsAll(correctable.setBy(event.row()).keySet()));
    }

    private Inserted inserted(Event event) {
      return new Inserted(sameRow.comparable(event.row()), event.rescued());
    }
  }

  private record Inserted(BinaryRowData row, @Nullable StringData rescued) {}
}
