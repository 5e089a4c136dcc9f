package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.services.Ages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Clocks that differ by more than a minute: those of the JobManager, of the producers, and of who
 * asks, each against that of the storage, which dates the files of the commits.
 */
final class CompareClocks {
  /** Clocks that are kept right differ by less. */
  static final Duration ALLOWED = Duration.ofMinutes(1);

  /** So many of the newest commits tell a clock from a backlog. */
  private static final int COMMITS = 3;

  private final Instant now;
  private final List<String> findings = new ArrayList<>();

  private CompareClocks(Instant now) {
    this.now = now;
  }

  /**
   * Each in words.
   *
   * @param logs in the order of the data
   * @param sampled of bronze's commits, by instant
   */
  static List<String> findings(
      List<TableLog> logs,
      Map<String, SampleRecords.Sampled> sampled,
      Optional<Waiting> inKafka,
      Instant now) {
    CompareClocks clocks = new CompareClocks(now);
    logs.forEach(clocks::jobManager);
    logs.stream()
        .flatMap(log -> log.newest().stream())
        .map(Commit::visibleAt)
        .max(Instant::compareTo)
        .ifPresent(clocks::own);
    clocks.producers(logs.get(0), sampled, inKafka);
    return clocks.findings;
  }

  private void jobManager(TableLog log) {
    log.newest()
        .ifPresent(
            commit -> {
              Duration ahead = Duration.between(commit.visibleAt(), commit.completedAt());
              if (isTooMuch(ahead)) {
                findings.add(
                    "The clock of the JobManager that writes %s is %s the storage's."
                        .formatted(log.table().qualifiedName(), away(ahead)));
              }
            });
  }

  /** Only one that is behind can be told from one of whose commits none is new. */
  private void own(Instant newest) {
    Duration behind = Duration.between(now, newest);
    if (behind.compareTo(ALLOWED) > 0) {
      findings.add(
          "The clock of this machine is %s the storage's; all ages here are too small."
              .formatted(away(behind.negated())));
    }
  }

  private void producers(
      TableLog bronze, Map<String, SampleRecords.Sampled> sampled, Optional<Waiting> inKafka) {
    Optional<Commit> newest =
        bronze.commits().stream()
            .filter(commit -> sampled.containsKey(commit.instant()))
            .filter(commit -> sampled.get(commit.instant()).records() > 0)
            .reduce((first, later) -> later);
    if (newest.isEmpty()) {
      return;
    }
    SampleRecords.Sampled records = sampled.get(newest.get().instant());
    List<Long> times = records.timestamps().stream().sorted().toList();
    Instant visible = newest.get().visibleAt();
    Duration ahead = Duration.between(visible, Instant.ofEpochMilli(times.get(times.size() / 2)));
    if (ahead.compareTo(ALLOWED) > 0) {
      findings.add(
          "The clock of the producers is %s the storage's, by Kafka's timestamps."
              .formatted(away(ahead)));
    }
    if (inKafka.filter(waiting -> waiting.records() <= records.records()).isPresent()) {
      producersBehind(bronze);
    }
  }

  /** What has waited is old too, but then each commit is less late than the one before. */
  private void producersBehind(TableLog bronze) {
    List<Duration> behind =
        bronze.commits().stream()
            .filter(commit -> commit.progress().maxEventTime() != Progress.NO_EVENT_TIME)
            .map(
                commit ->
                    Duration.between(
                        Instant.ofEpochMilli(commit.progress().maxEventTime()), commit.visibleAt()))
            .toList();
    if (behind.size() < COMMITS) {
      return;
    }
    List<Duration> newest =
        behind.subList(behind.size() - COMMITS, behind.size()).stream().sorted().toList();
    Duration interval = bronze.checkpointInterval().orElse(Duration.ZERO);
    Duration spread = newest.get(COMMITS - 1).minus(newest.get(0));
    if (newest.get(0).compareTo(ALLOWED.plus(interval)) > 0
        && spread.compareTo(interval.multipliedBy(2)) <= 0) {
      findings.add(
          "The clock of the producers is %s the storage's, by Kafka's timestamps, or they send late: nothing of this has waited for bronze."
              .formatted(away(newest.get(0).negated())));
    }
  }

  private static boolean isTooMuch(Duration difference) {
    return difference.abs().compareTo(ALLOWED) > 0;
  }

  private static String away(Duration ahead) {
    return Ages.of(ahead.abs()) + (ahead.isNegative() ? " behind" : " ahead of");
  }
}
