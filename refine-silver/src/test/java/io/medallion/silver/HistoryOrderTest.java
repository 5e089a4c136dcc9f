package io.medallion.silver;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.silver.Event.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import javax.annotation.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the order in which a key's events come, its rows are the records as of each order value,
 * and each event is counted in the outcome that all of them together give it.
 */
class HistoryOrderTest {
  private static final int HISTORIES = 100;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyOrderOfArrivalGivesTheSameRowsAndOutcomes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      List<Event> events = Arrivals.history(random);
      List<String> rows = Model.rows(events);
      Map<Version, Map<Outcome, Integer>> outcomes = Model.outcomes(events);
      Arrivals.inManyOrders(events, random, arrival -> check(arrival, rows, outcomes));
    }
  }

  /** The outcomes of what has come so far, too: a commit may come between any two events. */
  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8})
  void afterEachEventRowsAndOutcomesAreThoseOfTheEventsSoFar(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 10 * HISTORIES; i++) {
      ReceiveHistory key = new ReceiveHistory();
      List<Event> seen = new ArrayList<>();
      for (Event event : Arrivals.history(random)) {
        key.receive(event);
        seen.add(event);
        assertThat(key.rows()).as(() -> "" + seen).isEqualTo(Model.rows(seen));
        assertThat(outcomes(key, seen)).as(() -> "" + seen).isEqualTo(Model.outcomes(seen));
      }
    }
  }

  private static void check(
      List<Event> arrival, List<String> rows, Map<Version, Map<Outcome, Integer>> outcomes) {
    ReceiveHistory key = new ReceiveHistory();
    arrival.forEach(key::receive);
    assertThat(key.rows()).as(() -> "" + arrival).isEqualTo(rows);
    assertThat(outcomes(key, arrival)).as(() -> "" + arrival).isEqualTo(outcomes);
  }

  private static Map<Version, Map<Outcome, Integer>> outcomes(
      ReceiveHistory key, List<Event> events) {
    Map<Version, Map<Outcome, Integer>> outcomes = new HashMap<>();
    events.forEach(event -> outcomes.put(event.at(), key.total(event.at()::equals)));
    return outcomes;
  }

  /**
   * The naive model: a record is computed anew as of each order value, from all events up to it.
   */
  private static final class Model {
    /** Which event says what is in a field now; of a record that is not there, what waits. */
    private final Map<Integer, Event> setBy = new HashMap<>();

    @Nullable private Event base;

    private static Model asOf(long order, List<Event> events) {
      Model model = new Model();
      events.stream()
          .filter(event -> event.at().order() <= order)
          .sorted(Comparator.comparing(Event::at))
          .forEach(model::apply);
      return model;
    }

    private void apply(Event event) {
      if (event.kind() != Kind.CORRECTION) {
        base = event;
        setBy.clear();
      } else {
        fields(event).forEach((field, value) -> setBy.put(field, event));
      }
    }

    private boolean hasRecord() {
      return base != null && base.kind() == Kind.INSERT;
    }

    /** The event that the record is as, or null without a record. */
    @Nullable
    private Event last() {
      if (!hasRecord()) {
        return null;
      }
      Event last = base;
      for (Event correction : setBy.values()) {
        if (correction.at().compareTo(last.at()) > 0) {
          last = correction;
        }
      }
      return last;
    }

    static List<String> rows(List<Event> events) {
      List<Long> orders =
          new ArrayList<>(new TreeSet<>(events.stream().map(e -> e.at().order()).toList()));
      List<String> rows = new ArrayList<>();
      for (long from : orders) {
        Model model = asOf(from, events);
        Event last = model.last();
        if (last == null || last.at().order() != from) {
          continue;
        }
        String to =
            orders.stream()
                .filter(order -> order > from)
                .filter(order -> !Objects.equals(asOf(order, events).last(), last))
                .findFirst()
                .map(order -> " to " + order)
                .orElse(" on");
        rows.add(from + to + ": " + model.show(last));
      }
      return rows;
    }

    private String show(Event last) {
      return "%s, %s, %s, %s, created %d, modified %d, t-%d@%d"
          .formatted(
              fields(setBy.getOrDefault(0, base)).get(0),
              fields(setBy.getOrDefault(1, base)).get(1),
              base.row().getString(2),
              base.rescued(),
              base.kafkaTimestamp(),
              last.kafkaTimestamp(),
              last.at().partition(),
              last.at().offset());
    }

    static Map<Version, Map<Outcome, Integer>> outcomes(List<Event> events) {
      Map<Version, Map<Outcome, Integer>> outcomes = new HashMap<>();
      Set<Version> seen = new HashSet<>();
      for (Event event : events) {
        Outcome outcome = seen.add(event.at()) ? outcome(event, events) : Outcome.DUPLICATE;
        outcomes
            .computeIfAbsent(event.at(), first -> new EnumMap<>(Outcome.class))
            .merge(outcome, 1, Integer::sum);
      }
      return outcomes;
    }

    private static Outcome outcome(Event event, List<Event> events) {
      if (isSaidAgain(event, events)) {
        return Outcome.DUPLICATE;
      }
      Model model = asOf(event.at().order(), events);
      if (event.kind() != Kind.CORRECTION) {
        return !model.base.at().equals(event.at())
            ? Outcome.SUPERSEDED
            : event.kind() == Kind.INSERT ? Outcome.APPLIED : Outcome.DELETED;
      }
      boolean isSeen =
          model.setBy.values().stream().anyMatch(other -> other.at().equals(event.at()));
      return !isSeen ? Outcome.SUPERSEDED : model.hasRecord() ? Outcome.APPLIED : Outcome.PENDING;
    }

    private static boolean isSaidAgain(Event event, List<Event> events) {
      List<Event> later =
          events.stream()
              .filter(other -> other.kind() == event.kind())
              .filter(other -> other.at().order() == event.at().order())
              .filter(other -> other.at().compareTo(event.at()) > 0)
              .toList();
      return switch (event.kind()) {
        case REVERSAL -> !later.isEmpty();
        case INSERT -> later.stream().anyMatch(other -> text(other).equals(text(event)));
        case CORRECTION ->
            fields(event).entrySet().stream()
                .allMatch(
                    field ->
                        later.stream().anyMatch(other -> fields(other).entrySet().contains(field)));
      };
    }

    private static String text(Event insert) {
      return fields(insert) + ", " + insert.row().getString(2) + ", " + insert.rescued();
    }

    private static Map<Integer, String> fields(Event event) {
      Map<Integer, String> fields = new HashMap<>();
      if (!event.row().isNullAt(0)) {
        fields.put(0, event.row().getDecimal(0, 18, 2).toString());
      }
      if (!event.row().isNullAt(1)) {
        fields.put(1, event.row().getString(1).toString());
      }
      return fields;
    }
  }
}
