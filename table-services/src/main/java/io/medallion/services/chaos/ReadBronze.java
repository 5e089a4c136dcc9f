package io.medallion.services.chaos;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Span;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.CommandFailedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A reader of bronze beside its writer: each snapshot must hold exactly the records of Kafka up to
 * the position of one of the commits that were there between its begin and its end. Commits of
 * another sink have no position; up to the last record in the snapshot then.
 *
 * <p>A file is read once, unless a file that was there is gone, or something is wrong: then all are
 * read again.
 */
final class ReadBronze {
  private static final List<String> COLUMNS =
      List.of(Tables.TOPIC, Tables.PARTITION, Tables.OFFSET);

  private final String warehouse;
  private final TableDefinition table;
  private final FollowKafka kafka;
  private final Sink sink;

  /** Whose offsets are in {@link #read}. */
  private Set<String> files = Set.of();

  private Offsets read = new Offsets();

  ReadBronze(String warehouse, TableDefinition table, FollowKafka kafka, Sink sink) {
    this.warehouse = warehouse;
    this.table = table;
    this.kafka = kafka;
    this.sink = sink;
  }

  /**
   * Reads the table once.
   *
   * @return how it differs from the commit that it is nearest to; empty before the first commit
   */
  synchronized Optional<Difference> read() {
    Optional<Difference> difference = readOnce();
    if (difference.filter(found -> found.total() > 0).isPresent()) {
      forget();
    }
    return difference;
  }

  private Optional<Difference> readOnce() {
    if (sink == Sink.HUDI_FLINK) {
      return CommitLog.newestInstant(warehouse, table)
          .map(
              newest -> {
                Offsets offsets = offsets();
                return compare(offsets, newest, offsets.next());
              });
    }
    Optional<Commit> before = CommitLog.latest(warehouse, table);
    if (before.isEmpty()) {
      return Optional.empty();
    }
    Offsets offsets = offsets();
    List<Commit> since =
        CommitLog.active(warehouse, table).stream()
            .filter(commit -> commit.instant().compareTo(before.get().instant()) >= 0)
            .toList();
    List<Commit> candidates = new ArrayList<>(since);
    if (candidates.isEmpty()) {
      candidates.add(before.get());
    }
    return candidates.stream()
        .map(commit -> compare(offsets, commit.instant(), position(commit)))
        .min(Comparator.comparingLong(Difference::total));
  }

  /** Counts the offsets of a table that nobody writes any more; reads every file for it. */
  synchronized OffsetCount count() {
    forget();
    Difference difference =
        read().orElseThrow(() -> new CommandFailedException("Bronze has no commit to be counted."));
    return new OffsetCount(
        Offsets.count(kafka.below(difference.next())),
        Offsets.count(difference.missing()),
        Offsets.count(difference.doubled()) + Offsets.count(difference.surplus()));
  }

  private Offsets offsets() {
    Set<String> now = new Lakehouse(warehouse, "").files(table);
    if (!now.containsAll(files)) {
      forget();
    }
    Set<String> added = new HashSet<>(now);
    added.removeAll(files);
    Offsets offsets = read;
    // Until all of them are read, it is not known which are.
    forget();
    Lakehouse.readFiles(
        table,
        added,
        COLUMNS,
        row -> offsets.add(row.getString(0) + "-" + row.getInt(1), row.getLong(2)));
    files = now;
    read = offsets;
    return offsets;
  }

  private void forget() {
    files = Set.of();
    read = new Offsets();
  }

  private static Map<String, Long> position(Commit commit) {
    Map<String, Long> next = new TreeMap<>();
    commit
        .progress()
        .position()
        .forEach((partition, span) -> next.put(partition, Math.max(Span.START, span.next())));
    return next;
  }

  private Difference compare(Offsets offsets, String instant, Map<String, Long> next) {
    Map<String, BitSet> expected = kafka.below(next);
    return new Difference(
        instant,
        next,
        offsets.missing(expected, next),
        offsets.doubled(),
        offsets.surplus(expected, next),
        Offsets.count(offsets.seen()));
  }

  /**
   * A snapshot against a commit.
   *
   * @param instant of the commit
   * @param next where it ends
   * @param missing records of Kafka below its position that the snapshot does not have
   * @param doubled records that the snapshot has more than once
   * @param surplus what the snapshot has and is no such record
   * @param rows different records of the snapshot
   */
  record Difference(
      String instant,
      Map<String, Long> next,
      Map<String, BitSet> missing,
      Map<String, BitSet> doubled,
      Map<String, BitSet> surplus,
      long rows) {

    long total() {
      return Offsets.count(missing) + Offsets.count(doubled) + Offsets.count(surplus);
    }
  }
}
