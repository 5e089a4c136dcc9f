package io.medallion.silver;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** How often each event was counted in each outcome, with all moves taken into account. */
final class CountedEvents {
  private final Map<Version, Map<Outcome, Integer>> counts = new HashMap<>();

  void count(Version event, Outcome outcome, List<Move> moves) {
    count(event, outcome, 1);
    for (Move move : moves) {
      count(move.event(), move.from(), -1);
      count(move.event(), move.to(), 1);
    }
  }

  private void count(Version event, Outcome outcome, int by) {
    counts.computeIfAbsent(event, first -> new HashMap<>()).merge(outcome, by, Integer::sum);
  }

  /** How many events are in each outcome; without outcomes that no event is in. */
  Map<Outcome, Integer> total() {
    return total(event -> true);
  }

  /** The same of some events, by their place in the order. */
  Map<Outcome, Integer> total(Predicate<Version> which) {
    Map<Outcome, Integer> total = new EnumMap<>(Outcome.class);
    counts.forEach(
        (event, outcomes) -> {
          if (which.test(event)) {
            outcomes.forEach((outcome, count) -> total.merge(outcome, count, Integer::sum));
          }
        });
    total.values().removeIf(count -> count == 0);
    return total;
  }
}
