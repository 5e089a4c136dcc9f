package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The times in which some record had been in Kafka for longer than the objective and no reader of a
 * table saw it. Where nothing comes, nothing is late.
 */
final class LateTimes {
  private final TableLog log;
  private final Waiting inKafka;
  private final Duration objective;

  private record Times(Instant from, Instant to) {}

  LateTimes(TableLog log, Waiting inKafka, Duration objective) {
    this.log = log;
    this.inKafka = inKafka;
    this.objective = objective;
  }

  /**
   * The share of a time without them, 0 to 1; empty when nothing is known of it.
   *
   * @param from later if the commits that are known begin later
   */
  Optional<Double> met(Instant from, Instant to) {
    List<Commit> bronze = log.bronze().commits();
    if (bronze.isEmpty()) {
      return Optional.empty();
    }
    Instant known = later(log.knownSince(), bronze.get(0).visibleAt());
    Instant begin = later(from, known);
    Duration window = Duration.between(begin, to);
    if (window.isZero() || window.isNegative()) {
      return Optional.empty();
    }
    Duration late = Duration.ZERO;
    Instant end = begin;
    for (Times times : times(log.knownSince(), to)) {
      Instant first = later(times.from, end);
      if (times.to.isAfter(first)) {
        late = late.plus(Duration.between(first, times.to));
        end = times.to;
      }
    }
    return Optional.of(1 - (double) late.toMillis() / window.toMillis());
  }

  /** In the order of their beginnings. */
  private List<Times> times(Instant known, Instant now) {
    List<Times> times = new ArrayList<>();
    for (Commit commit : log.bronze().commits()) {
      long first = commit.progress().minEventTime();
      if (first != Progress.NO_EVENT_TIME && !commit.visibleAt().isBefore(known)) {
        times.add(
            new Times(
                Instant.ofEpochMilli(first).plus(objective),
                log.bringing(commit).map(Commit::visibleAt).orElse(now)));
      }
    }
    inKafka.since().ifPresent(since -> times.add(new Times(since.plus(objective), now)));
    times.sort(Comparator.comparing(Times::from));
    return times;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
