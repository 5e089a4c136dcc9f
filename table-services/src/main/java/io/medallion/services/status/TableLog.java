package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import javax.annotation.Nullable;

/**
 * What the commits of a table say of the records that came in, with those of the tables before it.
 * A reader of the table sees a record of Kafka from the first commit on whose position covers the
 * commit that brought it to the table before, and so on to bronze.
 */
public final class TableLog {
  private static final int RECENT = 5;

  private final TableDefinition table;
  @Nullable private final TableLog upstream;
  private final List<Commit> commits;
  private final Instant asOf;

  /**
   * @param upstream of the table that this one is made of; null for bronze
   * @param commits oldest first; older ones may be missing
   * @param asOf when they were read
   */
  public TableLog(
      TableDefinition table, @Nullable TableLog upstream, List<Commit> commits, Instant asOf) {
    this.asOf = asOf;
    this.table = table;
    this.upstream = upstream;
    this.commits = List.copyOf(commits);
  }

  public TableDefinition table() {
    return table;
  }

  Optional<TableLog> upstream() {
    return Optional.ofNullable(upstream);
  }

  public TableLog bronze() {
    return upstream == null ? this : upstream.bronze();
  }

  public List<Commit> commits() {
    return commits;
  }

  Instant asOf() {
    return asOf;
  }

  public Optional<Commit> newest() {
    return commits.isEmpty() ? Optional.empty() : Optional.of(commits.get(commits.size() - 1));
  }

  public Progress progress() {
    return newest().map(Commit::progress).orElse(Progress.NONE);
  }

  /** The first commit with which readers see what a commit of bronze brought; empty: not yet. */
  public Optional<Commit> bringing(Commit bronze) {
    return upstream == null
        ? Optional.of(bronze)
        : upstream.bringing(bronze).flatMap(this::covering);
  }

  private Optional<Commit> covering(Commit before) {
    long instant = Long.parseLong(before.instant());
    int low = 0;
    int high = commits.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (next(commits.get(middle)) < instant) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == commits.size() ? Optional.empty() : Optional.of(commits.get(low));
  }

  private long next(Commit commit) {
    return commit.progress().next(upstream.table.qualifiedName());
  }

  /** The largest event time that readers see. */
  Optional<Instant> newestEvent() {
    return largest(commits.stream().mapToLong(commit -> commit.progress().maxEventTime()));
  }

  /**
   * The largest Kafka timestamp of the records that readers see. Where no commit that brought any
   * of them is known any more, that of the first one that they do not see, which is later.
   */
  Optional<Instant> newestArrival() {
    Optional<Instant> newest = newestKnownArrival();
    return newest.isEmpty() && !commits.isEmpty() ? oldestUnseen() : newest;
  }

  private Optional<Instant> newestKnownArrival() {
    return largest(
        bronze().commits.stream()
            .filter(commit -> bringing(commit).isPresent())
            .mapToLong(commit -> commit.progress().maxEventTime()));
  }

  /**
   * The Kafka timestamp of the first record that bronze has and readers of this table do not see.
   */
  Optional<Instant> oldestUnseen() {
    return bronze().commits.stream()
        .filter(commit -> bringing(commit).isEmpty())
        .flatMap(commit -> time(commit.progress().minEventTime()).stream())
        .findFirst();
  }

  private static Optional<Instant> largest(LongStream times) {
    return times.filter(time -> time != Progress.NO_EVENT_TIME).max().stream()
        .mapToObj(Instant::ofEpochMilli)
        .findFirst();
  }

  /** What of the table before it is not in it; of bronze nothing is known here. */
  Waiting waiting() {
    if (upstream == null) {
      return Waiting.NOTHING;
    }
    long taken = newest().map(this::next).orElse(Span.START);
    List<Commit> behind =
        upstream.commits.stream()
            .filter(commit -> Long.parseLong(commit.instant()) > taken)
            .toList();
    return new Waiting(
        Math.max(
            0, upstream.progress().counter(written(upstream)) - progress().counter(Progress.INPUT)),
        behind.size(),
        behind.stream().findFirst().map(Commit::visibleAt));
  }

  /** What the next table reads: of bronze rows, of silver changes. */
  private static String written(TableLog log) {
    return log.table.layer() == Layer.BRONZE ? Progress.ROWS : Progress.CHANGES;
  }

  /** Since when its commits and those before it are all known. */
  Instant knownSince() {
    Instant own = commits.isEmpty() || beginsAtStart() ? Instant.EPOCH : commits.get(0).visibleAt();
    Instant before = upstream == null ? Instant.EPOCH : upstream.knownSince();
    return own.isAfter(before) ? own : before;
  }

  private boolean beginsAtStart() {
    Span taken =
        upstream == null
            ? null
            : commits.get(0).progress().position().get(upstream.table.qualifiedName());
    return taken != null && taken.first() == Span.START;
  }

  /** How often its job makes a checkpoint; empty when no commit says it. */
  Optional<Duration> checkpointInterval() {
    return newest().map(Commit::checkpointInterval).filter(interval -> !interval.isZero());
  }

  /**
   * The shortest time that one of the newest commits took for which something was waiting when the
   * one before came; zero when there is none. One that took longer may have stood still.
   */
  Duration recentInterval() {
    Duration shortest = Duration.ZERO;
    int counted = 0;
    for (int i = commits.size() - 1; i > 0 && counted < RECENT; i--) {
      Instant before = commits.get(i - 1).visibleAt();
      if (firstTaken(commits.get(i - 1), commits.get(i)).filter(before::isAfter).isPresent()) {
        Duration time = Duration.between(before, commits.get(i).visibleAt());
        shortest = counted == 0 || time.compareTo(shortest) < 0 ? time : shortest;
        counted++;
      }
    }
    return shortest;
  }

  /** Since when the first of what a commit brought could have been read. */
  private Optional<Instant> firstTaken(Commit before, Commit commit) {
    if (upstream == null) {
      return time(commit.progress().minEventTime());
    }
    return upstream.commits.stream()
        .filter(taken -> Long.parseLong(taken.instant()) > next(before))
        .filter(taken -> Long.parseLong(taken.instant()) <= next(commit))
        .map(Commit::visibleAt)
        .findFirst();
  }

  private static Optional<Instant> time(long epochMs) {
    return epochMs == Progress.NO_EVENT_TIME
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(epochMs));
  }
}
