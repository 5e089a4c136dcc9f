package io.medallion.histories;

import io.medallion.histories.Said.Kind;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import javax.annotation.Nullable;
import org.apache.flink.types.Row;

/**
 * The model: all events of a key in their order, applied one after another; then all records
 * grouped. It has every event at hand and keeps nothing up to date.
 */
final class NaiveTables {
  private static final int AMOUNT_SCALE = 4;

  /** What a quotient of decimals has in Flink SQL, where the precision is at its end. */
  private static final int QUOTIENT_SCALE = 6;

  /** As families.csv has them. */
  private static final Map<String, String> FAMILIES = Map.of("a", "vowel", "b", "consonant");

  private NaiveTables() {}

  static Held of(Collection<Sent> events) {
    Map<String, List<Sent>> byKey = byKey(events);
    List<NaiveRecord> records = new ArrayList<>();
    Map<String, Long> counts = new TreeMap<>();
    for (List<Sent> ofKey : byKey.values()) {
      NaiveRecord record = record(ofKey);
      if (record == null) {
        waiting(ofKey).forEach(sent -> count(counts, sent, "pending"));
      } else {
        records.add(record);
      }
    }
    for (Sent sent : events) {
      count(counts, sent, "in a final state");
      if (!sent.said().isValid()) {
        count(counts, sent, "quarantined");
      }
    }
    counts.put("silver rows", (long) records.size());
    return new Held(
        Map.of(
            Held.SILVER, Held.byKey(records.stream().map(NaiveRecord::silver).toList(), 1),
            Held.QUARANTINE, quarantine(events),
            Held.BY_DAY, Held.byKey(byDay(records), 3),
            Held.BY_NOTE, Held.byKey(byNote(records), 2),
            Held.BY_PAIR, Held.byKey(byPair(records), 3)),
        counts);
  }

  private static void count(Map<String, Long> counts, Sent sent, String state) {
    counts.merge("%s-%d %s".formatted(Sent.TOPIC, sent.partition(), state), 1L, Long::sum);
  }

  /** The valid events of each key, in their order. */
  static Map<String, List<Sent>> byKey(Collection<Sent> events) {
    Map<String, List<Sent>> byKey = new TreeMap<>();
    for (Sent sent : events) {
      if (sent.said().isValid()) {
        byKey.computeIfAbsent(sent.said().id(), first -> new ArrayList<>()).add(sent);
      }
    }
    byKey
        .values()
        .forEach(
            ofKey ->
                ofKey.sort(
                    Comparator.<Sent>comparingLong(sent -> sent.said().at())
                        .thenComparingInt(Sent::partition)
                        .thenComparingLong(Sent::offset)));
    return byKey;
  }

  /** What the events of one key come to, applied in the order of the list. */
  @Nullable
  static NaiveRecord record(List<Sent> ofKey) {
    NaiveRecord record = null;
    for (Sent sent : ofKey) {
      if (sent.said().kind() == Kind.NEW) {
        record = new NaiveRecord(sent);
      } else if (sent.said().kind() == Kind.REVERSAL) {
        record = null;
      } else if (record != null && sent.said().setsSomething()) {
        record.correct(sent);
      }
    }
    return record;
  }

  /** Of a key without a record, the newest corrections of each field since the last reversal. */
  private static Set<Sent> waiting(List<Sent> ofKey) {
    Sent[] newest = new Sent[3];
    for (Sent sent : ofKey) {
      if (sent.said().kind() != Kind.CORRECTION) {
        newest = new Sent[3];
        continue;
      }
      newest[0] = sent.said().amount() == null ? newest[0] : sent;
      newest[1] = sent.said().quantity() == null ? newest[1] : sent;
      newest[2] = sent.said().note() == null ? newest[2] : sent;
    }
    Set<Sent> waiting = new HashSet<>();
    for (Sent sent : newest) {
      if (sent != null) {
        waiting.add(sent);
      }
    }
    return waiting;
  }

  private static Map<String, Row> quarantine(Collection<Sent> events) {
    Map<String, Row> rows = new TreeMap<>();
    for (Sent sent : events) {
      if (!sent.said().isValid()) {
        rows.put(sent.place(), Row.of(sent.payload(), sent.said().breaks().toString(), 1));
      }
    }
    return rows;
  }

  private static List<Row> byDay(List<NaiveRecord> records) {
    List<Row> rows = new ArrayList<>();
    groups(records, record -> List.of(record.history, record.day(), record.category("none")))
        .forEach(
            (key, group) -> {
              List<BigDecimal> amounts = values(group, record -> record.amount);
              List<BigDecimal> quantities =
                  values(group, NaiveRecord::quantity).stream()
                      .map(quantity -> BigDecimal.valueOf(quantity).setScale(2))
                      .toList();
              int customers = new HashSet<>(values(group, NaiveRecord::customer)).size();
              rows.add(
                  Row.of(
                      key.get(0),
                      key.get(1),
                      key.get(2),
                      (long) group.size(),
                      (long) quantities.size(),
                      sum(amounts),
                      quotient(sum(amounts), amounts.size()),
                      quantities.isEmpty() ? null : quotient(sum(quantities), quantities.size()),
                      (long) customers,
                      amounts.stream().min(Comparator.naturalOrder()).orElseThrow(),
                      amounts.stream().max(Comparator.naturalOrder()).orElseThrow(),
                      values(group, record -> record.note).stream()
                          .min(Comparator.naturalOrder())
                          .orElse(null),
                      deviation(amounts),
                      customers == 0 ? null : quotient(sum(amounts), customers)));
            });
    return rows;
  }

  private static List<Row> byNote(List<NaiveRecord> records) {
    List<Row> rows = new ArrayList<>();
    groups(
            records.stream().filter(record -> record.amount.signum() != 0).toList(),
            record -> List.of(record.history, record.note == null ? "none" : record.note))
        .forEach(
            (key, group) -> {
              List<Integer> quantities = values(group, NaiveRecord::quantity);
              List<BigDecimal> products =
                  values(
                      group,
                      record ->
                          record.quantity == null
                              ? null
                              : record.amount.multiply(BigDecimal.valueOf(record.quantity)));
              rows.add(
                  Row.of(
                      key.get(0),
                      key.get(1),
                      (long) group.size(),
                      quantities.isEmpty()
                          ? null
                          : quantities.stream().mapToInt(Integer::intValue).sum(),
                      products.isEmpty() ? null : sum(products),
                      group.stream()
                          .map(NaiveRecord::eventTime)
                          .max(Comparator.naturalOrder())
                          .orElseThrow(),
                      group.stream().filter(record -> record.amount.signum() < 0).count()));
            });
    return rows;
  }

  private static List<Row> byPair(List<NaiveRecord> records) {
    Map<List<Object>, List<Pair>> groups = new HashMap<>();
    for (NaiveRecord record : records) {
      List<NaiveRecord> earlier =
          new ArrayList<>(records.stream().filter(other -> other.isEarlierThan(record)).toList());
      if (earlier.isEmpty()) {
        earlier.add(null);
      }
      for (NaiveRecord other : earlier) {
        groups
            .computeIfAbsent(
                List.of(
                    record.history,
                    FAMILIES.getOrDefault(record.category("c"), "none"),
                    other == null || other.note == null ? "none" : other.note),
                first -> new ArrayList<>())
            .add(new Pair(record.amount, other == null ? null : other.quantity));
      }
    }
    List<Row> rows = new ArrayList<>();
    groups.forEach(
        (key, pairs) -> {
          List<Integer> quantities =
              pairs.stream().map(Pair::quantity).filter(Objects::nonNull).toList();
          rows.add(
              Row.of(
                  key.get(0),
                  key.get(1),
                  key.get(2),
                  (long) pairs.size(),
                  sum(pairs.stream().map(Pair::amount).toList()),
                  quantities.isEmpty()
                      ? null
                      : quantities.stream().mapToInt(Integer::intValue).sum()));
        });
    return rows;
  }

  private record Pair(BigDecimal amount, @Nullable Integer quantity) {}

  private static Map<List<Object>, List<NaiveRecord>> groups(
      List<NaiveRecord> records, Function<NaiveRecord, List<Object>> key) {
    Map<List<Object>, List<NaiveRecord>> groups = new HashMap<>();
    records.forEach(
        record ->
            groups.computeIfAbsent(key.apply(record), first -> new ArrayList<>()).add(record));
    return groups;
  }

  /** Those that are not null. */
  private static <T> List<T> values(List<NaiveRecord> group, Function<NaiveRecord, T> value) {
    return group.stream().map(value).filter(Objects::nonNull).toList();
  }

  private static BigDecimal sum(List<BigDecimal> values) {
    return values.stream().reduce(BigDecimal::add).orElseThrow();
  }

  private static BigDecimal quotient(BigDecimal dividend, long divisor) {
    return dividend.divide(BigDecimal.valueOf(divisor), QUOTIENT_SCALE, RoundingMode.HALF_UP);
  }

  @Nullable
  private static BigDecimal deviation(List<BigDecimal> amounts) {
    if (amounts.size() == 1) {
      return null;
    }
    BigDecimal mean =
        sum(amounts).divide(BigDecimal.valueOf(amounts.size()), MathContext.DECIMAL128);
    BigDecimal squares =
        sum(
            amounts.stream()
                .map(amount -> amount.subtract(mean))
                .map(distance -> distance.multiply(distance))
                .toList());
    return squares
        .divide(BigDecimal.valueOf(amounts.size() - 1L), MathContext.DECIMAL128)
        .sqrt(MathContext.DECIMAL128)
        .setScale(QUOTIENT_SCALE, RoundingMode.HALF_UP);
  }

  /** A record while events are applied to it. */
  static final class NaiveRecord {
    private final Sent inserted;
    private final int history;
    private Sent last;
    private BigDecimal amount;
    @Nullable private Integer quantity;
    @Nullable private String note;

    private NaiveRecord(Sent inserted) {
      this.inserted = inserted;
      this.last = inserted;
      this.history = inserted.said().history();
      this.amount = scaled(Objects.requireNonNull(inserted.said().amount()));
      this.quantity = inserted.said().quantity();
      this.note = inserted.said().note();
    }

    private void correct(Sent correction) {
      Said said = correction.said();
      last = correction;
      amount = said.amount() == null ? amount : scaled(said.amount());
      quantity = said.quantity() == null ? quantity : said.quantity();
      note = said.note() == null ? note : said.note();
    }

    private static BigDecimal scaled(BigDecimal amount) {
      return amount.setScale(AMOUNT_SCALE);
    }

    @Nullable
    private Integer quantity() {
      return quantity;
    }

    @Nullable
    private String customer() {
      String customer = inserted.said().customer();
      return customer == null ? null : customer.strip().toUpperCase(Locale.ROOT);
    }

    /** Of the same customer, and not the same record. */
    private boolean isEarlierThan(NaiveRecord other) {
      return this != other
          && history == other.history
          && customer() != null
          && customer().equals(other.customer())
          && !eventTime().isAfter(other.eventTime());
    }

    private String category(String whenNull) {
      return inserted.said().category() == null ? whenNull : inserted.said().category();
    }

    private LocalDateTime eventTime() {
      return time(inserted.said().at());
    }

    private LocalDate day() {
      return eventTime().toLocalDate();
    }

    /** The row of silver. */
    Row silver() {
      String score = amount.signum() > 0 ? "1.0" : amount.signum() < 0 ? "0.8" : "0.5";
      return Row.of(
          inserted.said().id(),
          history,
          customer(),
          amount,
          quantity,
          inserted.said().category(),
          note,
          eventTime(),
          day(),
          new BigDecimal(score),
          inserted.said().rescued(),
          time(inserted.timestamp()),
          time(last.timestamp()),
          Sent.TOPIC,
          last.partition(),
          last.offset());
    }

    private static LocalDateTime time(long epochMillis) {
      return LocalDateTime.ofInstant(Instant.ofEpochMilli(epochMillis), ZoneOffset.UTC);
    }
  }
}
