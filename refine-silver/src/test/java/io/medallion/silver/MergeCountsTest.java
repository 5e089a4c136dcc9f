package io.medallion.silver;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.silver.Event.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import javax.annotation.Nullable;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever comes of a key in whatever order, each event is counted once, for its own partition. */
class MergeCountsTest {
  private static final int PARTITIONS = 3;
  private static final int MAX_EVENTS = 16;
  private static final int FIELDS = Orders.CONTRACT.getFieldCount();

  @Property
  void afterEachEventTheOutcomesOfAPartitionAddUpToItsEvents(
      @ForAll("arrivals") List<Event> arrivals) {
    ReceiveEvents key = receive();
    List<Event> seen = new ArrayList<>();
    for (Event event : arrivals) {
      key.receive(event);
      seen.add(event);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        Predicate<Version> ofPartition = in(partition);
        Map<Outcome, Integer> counts = key.total(ofPartition);
        assertThat(counts.values()).allMatch(count -> count > 0);
        assertThat(sum(counts)).isEqualTo(seen.stream().map(Event::at).filter(ofPartition).count());
      }
    }
  }

  @Property
  void afterEachEventThePendingOnesOfAPartitionAreTheCorrectionsThatWait(
      @ForAll("arrivals") List<Event> arrivals) {
    ReceiveEvents key = receive();
    List<Event> seen = new ArrayList<>();
    for (Event event : arrivals) {
      key.receive(event);
      seen.add(event);
      Held held = Held.of(seen);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        assertThat(key.total(in(partition)).getOrDefault(Outcome.PENDING, 0))
            .isEqualTo(
                held.hasRecord()
                    ? 0
                    : (int) held.corrections().stream().filter(in(partition)).count());
      }
    }
  }

  /** Stronger than of partitions: no event moves from where it is not, none is lost. */
  @Property
  void afterEachEventEveryEventIsCountedAsOftenAsItCame(@ForAll("arrivals") List<Event> arrivals) {
    ReceiveEvents key = receive();
    List<Event> seen = new ArrayList<>();
    for (Event event : arrivals) {
      key.receive(event);
      seen.add(event);
      for (Version at : versions(seen)) {
        Map<Outcome, Integer> counts = key.total(at::equals);
        assertThat(counts.values()).allMatch(count -> count > 0);
        assertThat(sum(counts))
            .isEqualTo(seen.stream().filter(other -> other.at().equals(at)).count());
      }
    }
  }

  @Property
  void afterEachEventWhatTheKeyHoldsIsAppliedDeletedOrPending(
      @ForAll("arrivals") List<Event> arrivals) {
    ReceiveEvents key = receive();
    List<Event> seen = new ArrayList<>();
    for (Event event : arrivals) {
      key.receive(event);
      seen.add(event);
      Held held = Held.of(seen);
      for (Version at : versions(seen)) {
        Map<Outcome, Integer> effective = new EnumMap<>(Outcome.class);
        effective.putAll(key.total(at::equals));
        effective.remove(Outcome.SUPERSEDED);
        effective.remove(Outcome.DUPLICATE);
        if (held.base() != null && held.base().at().equals(at)) {
          assertThat(effective)
              .isEqualTo(Map.of(held.hasRecord() ? Outcome.APPLIED : Outcome.DELETED, 1));
        } else if (held.corrections().contains(at)) {
          assertThat(effective)
              .isEqualTo(Map.of(held.hasRecord() ? Outcome.APPLIED : Outcome.PENDING, 1));
        } else {
          assertThat(sum(effective)).isLessThanOrEqualTo(1);
          assertThat(effective).doesNotContainKey(Outcome.PENDING);
        }
      }
    }
  }

  /**
   * Events with few order values, so that ties abound, among them the content of others again and
   * redeliveries, in any order.
   */
  @Provide
  Arbitrary<List<Event>> arrivals() {
    Arbitrary<Kind> kinds =
        Arbitraries.of(
            Kind.INSERT, Kind.CORRECTION, Kind.CORRECTION, Kind.CORRECTION, Kind.REVERSAL);
    Arbitrary<String> amounts = Arbitraries.of("1.00", "2.00").injectNull(0.4);
    Arbitrary<String> texts = Arbitraries.of("a", "b").injectNull(0.4);
    Arbitrary<Drawn> drawn =
        Combinators.combine(
                Arbitraries.frequency(
                    Tuple.of(6, Repeat.NOTHING),
                    Tuple.of(2, Repeat.CONTENT),
                    Tuple.of(1, Repeat.RECORD)),
                Arbitraries.integers().between(0, MAX_EVENTS - 1),
                kinds,
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(0, PARTITIONS - 1),
                amounts,
                texts,
                texts)
            .as(Drawn::new);
    return drawn
        .list()
        .ofMinSize(1)
        .ofMaxSize(MAX_EVENTS)
        .map(MergeCountsTest::events)
        .flatMap(Arbitraries::shuffle);
  }

  private static List<Event> events(List<Drawn> drawn) {
    List<Event> events = new ArrayList<>();
    for (Drawn one : drawn) {
      int offset = events.size();
      Event other = events.isEmpty() ? null : events.get(one.of % events.size());
      Event event =
          Orders.event(
              one.kind, one.order, one.partition, offset, one.amount, one.description, one.region);
      if (other != null && one.repeat == Repeat.RECORD) {
        event = other;
      } else if (other != null && one.repeat == Repeat.CONTENT) {
        event =
            new Event(
                other.kind(),
                new Version(other.at().order(), one.partition, offset, "t"),
                event.kafkaTimestamp(),
                other.row(),
                other.rescued());
      }
      events.add(event);
    }
    return events;
  }

  /** One key whose corrections set all three fields. */
  private static ReceiveEvents receive() {
    return new ReceiveEvents(
        new MergeEvents(Orders.CONTRACT, List.of("amount", "description", "region")));
  }

  private static Predicate<Version> in(int partition) {
    return at -> at.partition() == partition;
  }

  private static Set<Version> versions(List<Event> events) {
    Set<Version> versions = new HashSet<>();
    events.forEach(event -> versions.add(event.at()));
    return versions;
  }

  private static int sum(Map<Outcome, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private enum Repeat {
    NOTHING,
    CONTENT,
    RECORD
  }

  /** An event as drawn; one that repeats another has its own partition and offset at most. */
  private record Drawn(
      Repeat repeat,
      int of,
      Kind kind,
      int order,
      int partition,
      @Nullable String amount,
      @Nullable String description,
      @Nullable String region) {}

  /** The naive model: which of all events are the newest for the record or for any field. */
  private record Held(@Nullable Event base, Collection<Version> corrections) {
    static Held of(List<Event> events) {
      Event base = null;
      Map<Integer, Version> newest = new HashMap<>();
      for (Event event : events.stream().sorted(Comparator.comparing(Event::at)).toList()) {
        if (event.kind() != Kind.CORRECTION) {
          base = event;
          newest.clear();
          continue;
        }
        for (int field = 0; field < FIELDS; field++) {
          if (!event.row().isNullAt(field)) {
            newest.put(field, event.at());
          }
        }
      }
      return new Held(base, Set.copyOf(newest.values()));
    }

    boolean hasRecord() {
      return base != null && base.kind() == Kind.INSERT;
    }
  }
}
