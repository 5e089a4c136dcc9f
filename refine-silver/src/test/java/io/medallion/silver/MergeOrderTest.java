package io.medallion.silver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.annotation.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the order in which a key's events come, its record is what their fold gives. */
class MergeOrderTest {
  private static final int HISTORIES = 100;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyOrderOfArrivalGivesTheSameRecord(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      List<Event> events = Arrivals.history(random);
      Folded expected = Fold.of(events);
      Arrivals.inManyOrders(events, random, arrival -> check(arrival, expected));
    }
  }

  private static void check(List<Event> arrival, Folded expected) {
    ReceiveEvents key = new ReceiveEvents(Orders.merge());
    arrival.forEach(key::receive);
    assertThat(new Folded(key.record(), key.total().getOrDefault(Outcome.PENDING, 0)))
        .as(() -> "" + arrival)
        .isEqualTo(expected);
  }

  /** What a history comes to: the record as text, and how many corrections wait for one. */
  private record Folded(String record, int waiting) {}

  /** The naive model: sorts all events and applies one after another. */
  private static final class Fold {
    private final Map<Integer, Event> waitingBy = new LinkedHashMap<>();
    @Nullable private Event insert;
    @Nullable private Event last;
    @Nullable private String amount;
    @Nullable private String description;

    static Folded of(List<Event> events) {
      Fold fold = new Fold();
      events.stream().sorted(Comparator.comparing(Event::at)).forEach(fold::apply);
      Set<Version> waiting = new HashSet<>();
      fold.waitingBy.values().forEach(event -> waiting.add(event.at()));
      return new Folded(fold.show(), waiting.size());
    }

    private void apply(Event event) {
      switch (event.kind()) {
        case INSERT -> {
          waitingBy.clear();
          insert = event;
          last = event;
          amount = amount(event);
          description = description(event);
        }
        case REVERSAL -> {
          waitingBy.clear();
          insert = null;
        }
        case CORRECTION -> {
          for (int field = 0; field < 2; field++) {
            if (!event.row().isNullAt(field)) {
              correct(event, field);
            }
          }
        }
      }
    }

    private void correct(Event event, int field) {
      if (insert == null) {
        waitingBy.put(field, event);
        return;
      }
      last = event;
      if (field == 0) {
        amount = amount(event);
      } else {
        description = description(event);
      }
    }

    private String show() {
      if (insert == null || last == null) {
        return "no record";
      }
      return "%s, %s, %s, %s, created %d, modified %d, t-%d@%d"
          .formatted(
              amount,
              description,
              insert.row().getString(2),
              insert.rescued(),
              insert.kafkaTimestamp(),
              last.kafkaTimestamp(),
              last.at().partition(),
              last.at().offset());
    }

    @Nullable
    private static String amount(Event event) {
      return event.row().isNullAt(0) ? null : event.row().getDecimal(0, 18, 2).toString();
    }

    @Nullable
    private static String description(Event event) {
      return event.row().isNullAt(1) ? null : event.row().getString(1).toString();
    }
  }
}
