package io.medallion.histories;

import static java.util.stream.Collectors.joining;

import io.medallion.histories.Said.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.annotation.Nullable;

/**
 * Draws histories from a seed: of each history 1 to 12 events of 1 to 4 keys, with few places in
 * the order and few values, so that ties, late events and repeats abound; duplicates; events that
 * break a rule, which say what would change the record if they were taken. Every history is sent to
 * Kafka in an order of its own, over some stretch of the whole run, and read in the same or another
 * one.
 */
final class DrawHistories {
  private static final int MAX_KEYS = 4;
  private static final int MAX_EVENTS = 12;
  private static final int KAFKA_PARTITIONS = 3;
  private static final long DAY = TimeUnit.DAYS.toMillis(1);
  private static final long FIRST_DAY =
      LocalDate.of(2020, 1, 1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();

  private static final List<String> CUSTOMERS = List.of("c1", " C1 ", "c2", "C2", "c3");
  private static final List<String> CATEGORIES = List.of("a", "b", "c");
  private static final List<String> NOTES = List.of("x", "y", "z");
  private static final List<String> AMOUNTS =
      List.of("0", "1.5", "-2.25", "10.0001", "0.0005", "99999.9999", "-99999.9999");
  private static final List<Double> STRETCHES = List.of(0.001, 0.05, 0.3, 1.0);

  private final long seed;
  private final int histories;
  private final int readers;

  DrawHistories(long seed, int histories, int readers) {
    this.seed = seed;
    this.histories = histories;
    this.readers = readers;
  }

  /** For each reader its records, in the order that it reads them. */
  List<List<Sent>> draw() {
    List<Drawn> all = new ArrayList<>();
    for (int history = 0; history < histories; history++) {
      new OneHistory(history, new Random(seed * 1_000_003 + history)).addTo(all);
    }
    all.sort(Comparator.comparingDouble(Drawn::sentAt));
    long[] offsets = new long[KAFKA_PARTITIONS];
    Random random = new Random(seed);
    List<Placed> placed = new ArrayList<>();
    for (Drawn drawn : all) {
      int partition = random.nextInt(KAFKA_PARTITIONS);
      placed.add(
          new Placed(
              new Sent(drawn.said, partition, offsets[partition]++, drawn.timestamp, drawn.payload),
              drawn.readAt));
    }
    placed.sort(Comparator.comparingDouble(Placed::readAt));
    List<List<Sent>> read = new ArrayList<>();
    for (int reader = 0; reader < readers; reader++) {
      read.add(new ArrayList<>());
    }
    placed.forEach(record -> read.get(random.nextInt(readers)).add(record.sent));
    return read;
  }

  /**
   * @param sentAt when it comes to Kafka, as a share of the run
   * @param readAt when silver reads it
   */
  private record Drawn(
      Said said, long timestamp, @Nullable String payload, double sentAt, double readAt) {}

  private record Placed(Sent sent, double readAt) {}

  /** An event as text, before Kafka takes it. */
  private record Written(Said said, @Nullable String payload) {}

  private static final class OneHistory {
    private final int history;
    private final Random random;
    private final long firstDay;

    OneHistory(int history, Random random) {
      this.history = history;
      this.random = random;
      this.firstDay = FIRST_DAY + history % 1_000 * DAY;
    }

    void addTo(List<Drawn> all) {
      List<Long> order = new ArrayList<>();
      for (int places = 1 + random.nextInt(5); places > 0; places--) {
        order.add(firstDay + random.nextInt(3) * DAY + random.nextInt(2));
      }
      int keys = 1 + random.nextInt(MAX_KEYS);
      List<Written> events = new ArrayList<>();
      for (int count = 1 + random.nextInt(MAX_EVENTS); count > 0; count--) {
        String id = "h%d-%d".formatted(history, random.nextInt(keys));
        boolean repeats = !events.isEmpty() && random.nextInt(6) == 0;
        events.add(repeats ? oneOf(events) : event(id, oneOf(order)));
      }
      Collections.shuffle(events, random);
      double stretch = oneOf(STRETCHES);
      double start = random.nextDouble() * (1 - stretch);
      boolean readAsSent = random.nextBoolean();
      for (Written event : events) {
        double sentAt = start + random.nextDouble() * stretch;
        all.add(
            new Drawn(
                event.said,
                firstDay + 10 * DAY + random.nextInt(5),
                event.payload,
                sentAt,
                readAsSent ? sentAt : start + random.nextDouble() * stretch));
      }
    }

    private Written event(String id, long at) {
      int choice = random.nextInt(100);
      if (choice < 12) {
        return invalid(id, at);
      }
      if (choice < 57) {
        boolean rescues = random.nextInt(6) == 0;
        Said said =
            new Said(
                Kind.NEW,
                id,
                at,
                history,
                orNull(CUSTOMERS),
                amount(),
                random.nextInt(4) == 0 ? null : random.nextInt(7) - 3,
                orNull(CATEGORIES),
                orNull(NOTES),
                rescues ? "{\"colour\":\"red\"}" : null,
                List.of());
        return new Written(said, json(fields(said)));
      }
      if (choice < 85) {
        return correction(id, at);
      }
      Said said =
          new Said(Kind.REVERSAL, id, at, history, null, null, null, null, null, null, List.of());
      return new Written(said, json(fields(said)));
    }

    /** Sets some fields, or none; what it says of others must not matter. */
    private Written correction(String id, long at) {
      boolean saysMore = random.nextInt(4) == 0;
      Said said =
          new Said(
              Kind.CORRECTION,
              id,
              at,
              history,
              saysMore ? "nobody" : null,
              random.nextBoolean() ? amount() : null,
              random.nextInt(3) == 0 ? random.nextInt(7) - 3 : null,
              saysMore ? oneOf(CATEGORIES) : null,
              random.nextInt(3) == 0 ? oneOf(NOTES) : null,
              null,
              List.of());
      return new Written(said, json(fields(said)));
    }

    /** Breaks a rule, and would be the newest event of its key if it were taken. */
    private Written invalid(String id, long at) {
      long newest = at + 4 * DAY;
      return switch (random.nextInt(16)) {
        case 0 -> invalid("{\"id\":\"" + id + "\",\"amount\":", "malformed-json");
        case 1 -> invalid("not json", "malformed-json");
        case 2 -> invalid(record(id, newest, "1", "a") + "}", "malformed-json");
        case 3 -> invalid(null, "tombstone");
        case 4 -> invalid("[" + record(id, newest, "1", "a") + "]", "not-an-object");
        case 5 -> invalid(record(id, newest, "\"twelve\"", "a"), "type: amount");
        case 6 -> invalid(record(id, newest, "1.23456", "a"), "type: amount");
        case 7 -> invalid(record(null, newest, "1", "a"), "key: id");
        case 8 -> invalid(record(id, newest, "1", "weapons"), "category is accepted");
        case 9 -> invalid(record(id, newest, "100000", "a"), "amount is plausible");
        case 10 -> invalid(record(id, newest, "null", "a"), "amount is given");
        case 11 ->
            invalid(
                record(id, newest, "-1e6", "weapons"),
                "category is accepted",
                "amount is plausible");
        case 12 -> invalid(record(id, at + 20 * DAY, "1", "a"), "not from the future");
        case 13 ->
            invalid(
                "{\"id\":\"%s\",\"kind\":\"CORRECTION\",\"amount\":1e5,\"at\":%d}"
                    .formatted(id, newest),
                "amount is plausible");
        case 14 ->
            invalid(
                "{\"id\":\"%s\",\"kind\":\"UPSERT\",\"at\":%d}".formatted(id, newest),
                "accepted-values: kind");
        default -> invalid("{\"id\":\"%s\",\"kind\":\"REVERSAL\"}".formatted(id), "not-null: at");
      };
    }

    private Written invalid(@Nullable String payload, String... breaks) {
      return new Written(Said.invalid(history, List.of(breaks)), payload);
    }

    private String record(@Nullable String id, long at, String amount, String category) {
      return "{\"id\":%s,\"history\":%d,\"amount\":%s,\"category\":\"%s\",\"at\":%d}"
          .formatted(id == null ? "null" : '"' + id + '"', history, amount, category, at);
    }

    private BigDecimal amount() {
      return random.nextBoolean()
          ? new BigDecimal(oneOf(AMOUNTS))
          : BigDecimal.valueOf(random.nextInt(1_999_999) - 999_999, random.nextInt(5))
              .movePointLeft(random.nextInt(3) + 1)
              .setScale(4, RoundingMode.DOWN);
    }

    /** What the event says, with its nulls left out or written. */
    private List<String> fields(Said said) {
      List<String> fields = new ArrayList<>();
      add(fields, "id", text(said.id()));
      if (said.kind() != Kind.NEW || random.nextBoolean()) {
        add(fields, "kind", text(said.kind().name()));
      }
      if (said.kind() == Kind.NEW || random.nextBoolean()) {
        add(fields, "history", String.valueOf(said.history()));
      }
      add(fields, "customer", text(said.customer()));
      add(fields, "amount", said.amount() == null ? null : number(said.amount()));
      add(fields, "quantity", said.quantity() == null ? null : said.quantity().toString());
      add(fields, "category", text(said.category()));
      add(fields, "note", text(said.note()));
      add(fields, "at", String.valueOf(said.at()));
      if (said.rescued() != null) {
        add(fields, "colour", "\"red\"");
      }
      return fields;
    }

    private void add(List<String> fields, String name, @Nullable String value) {
      if (value != null || random.nextBoolean()) {
        fields.add("\"%s\":%s".formatted(name, value));
      }
    }

    /** The same number in one of its spellings. */
    private String number(BigDecimal value) {
      return switch (random.nextInt(4)) {
        case 0 -> '"' + value.toPlainString() + '"';
        case 1 -> value.unscaledValue() + "e-" + value.scale();
        case 2 -> value.setScale(Math.max(6, value.scale())).toPlainString();
        default -> value.toPlainString();
      };
    }

    private String json(List<String> fields) {
      Collections.shuffle(fields, random);
      return fields.stream().collect(joining(",", "{", "}"));
    }

    @Nullable
    private static String text(@Nullable String value) {
      return value == null ? null : '"' + value + '"';
    }

    @Nullable
    private String orNull(List<String> values) {
      return random.nextInt(5) == 0 ? null : oneOf(values);
    }

    private <T> T oneOf(List<T> values) {
      return values.get(random.nextInt(values.size()));
    }
  }
}
