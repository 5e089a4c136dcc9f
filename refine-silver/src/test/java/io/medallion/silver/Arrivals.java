package io.medallion.silver;

import io.medallion.silver.Event.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Events of one order as drawn by lot, and the orders in which they may arrive. */
final class Arrivals {
  private static final int SHUFFLES = 200;
  private static final int ALL_ORDERS_UP_TO = 5;

  private Arrivals() {}

  /** Up to 8 events with few order values, so that ties, repeats and redeliveries abound. */
  static List<Event> history(Random random) {
    List<Event> events = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int offset = 0; offset < count; offset++) {
      Event earlier = events.isEmpty() ? null : events.get(random.nextInt(events.size()));
      int choice = random.nextInt(10);
      if (earlier != null && choice == 0) {
        events.add(earlier);
      } else if (earlier != null && choice == 1) {
        Version at = new Version(earlier.at().order(), random.nextInt(2), offset, "t");
        events.add(
            new Event(earlier.kind(), at, offset * 1_000L, earlier.row(), earlier.rescued()));
      } else {
        events.add(event(random, offset));
      }
    }
    return events;
  }

  private static Event event(Random random, int offset) {
    int choice = random.nextInt(10);
    Kind kind = choice < 4 ? Kind.INSERT : choice < 8 ? Kind.CORRECTION : Kind.REVERSAL;
    return Orders.event(
        kind,
        random.nextInt(4),
        random.nextInt(2),
        offset,
        random.nextInt(3) == 0 ? null : random.nextInt(3) + ".00",
        random.nextInt(3) == 0 ? null : "d" + random.nextInt(3),
        "r" + random.nextInt(2));
  }

  /** All orders of up to 5 events, many of more. */
  static void inManyOrders(List<Event> events, Random random, Consumer<List<Event>> receive) {
    if (events.size() <= ALL_ORDERS_UP_TO) {
      permute(new ArrayList<>(events), 0, receive);
      return;
    }
    List<Event> shuffled = new ArrayList<>(events);
    for (int i = 0; i < SHUFFLES; i++) {
      Collections.shuffle(shuffled, random);
      receive.accept(shuffled);
    }
  }

  private static void permute(List<Event> events, int from, Consumer<List<Event>> receive) {
    if (from >= events.size() - 1) {
      receive.accept(events);
      return;
    }
    for (int i = from; i < events.size(); i++) {
      Collections.swap(events, from, i);
      permute(events, from + 1, receive);
      Collections.swap(events, from, i);
    }
  }
}
