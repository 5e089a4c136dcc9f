package io.medallion.io;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job has done, as its commits carry it beside the data: of one commit the position and the
 * event times, of all commits so far the counts.
 *
 * @param position what this commit took of each input: of {@code "topic-partition"} offsets, of
 *     {@code "bronze.table"} instants; inputs that it took nothing of are there too, with an empty
 *     span
 * @param counters totals since the table's first commit, by name (the constants below and {@code
 *     quarantined.<rule>}, {@code warned.<rule>}, {@code null.<column>})
 * @param partitions the same for each Kafka partition ({@code "topic-partition"}): in bronze {@link
 *     #ROWS}, in silver the number of events in each final state ({@link #FINAL_STATES})
 * @param minEventTime smallest event time of this commit, epoch milliseconds, or {@link
 *     #NO_EVENT_TIME}
 * @param maxEventTime largest event time of this commit, epoch milliseconds, or {@link
 *     #NO_EVENT_TIME}
 */
public record Progress(
    Map<String, Span> position,
    Map<String, Long> counters,
    Map<String, Map<String, Long>> partitions,
    long minEventTime,
    long maxEventTime)
    implements Serializable {
  public static final long NO_EVENT_TIME = Long.MIN_VALUE;

  /** Rows that the job has read. */
  public static final String INPUT = "input";

  /** Rows in the table: inserted less deleted. */
  public static final String ROWS = "rows";

  /** Rows written to the table, every change counted. */
  public static final String CHANGES = "changes";

  /** Events that changed a silver row, reversals excepted. */
  public static final String APPLIED = "applied";

  /** Events older than what silver holds; in a history, than others of their order value. */
  public static final String SUPERSEDED = "superseded";

  /** Events that silver holds already. */
  public static final String DUPLICATE = "duplicate";

  /** Reversals that took effect: each ended a record, or keeps older events from making one. */
  public static final String DELETED = "deleted";

  /** Corrections that wait for their record, at this moment. */
  public static final String PENDING = "pending";

  /**
   * Prefix of the counters of quarantined events at this moment, one for each rule that an event
   * broke.
   */
  public static final String QUARANTINED_BY = "quarantined.";

  /** Prefix of the counters of events that broke a rule which only warns. */
  public static final String WARNED_BY = "warned.";

  /** Events in quarantine, at this moment. */
  public static final String QUARANTINED = "quarantined";

  /** Events that were in quarantine and that a replay has brought into silver. */
  public static final String REPLAYED = "replayed";

  /**
   * Events whose event time lies more than a minute in the future; the event times of a commit are
   * those of the others.
   */
  public static final String FUTURE = "future";

  /** Events that insert or replace a row and are not in quarantine. */
  public static final String INSERTS = "inserts";

  /** Prefix of the counters of {@link #INSERTS} without a value, one for each column of a gate. */
  public static final String NULL_IN = "null.";

  /** What becomes of an event in silver; each is in exactly one of these. */
  public static final List<String> FINAL_STATES =
      List.of(APPLIED, SUPERSEDED, DUPLICATE, QUARANTINED, PENDING, DELETED);

  public static final Progress NONE =
      new Progress(Map.of(), Map.of(), Map.of(), NO_EVENT_TIME, NO_EVENT_TIME);

  public Progress {
    position = new TreeMap<>(position);
    counters = new TreeMap<>(counters);
    Map<String, Map<String, Long>> copy = new TreeMap<>();
    partitions.forEach((partition, counts) -> copy.put(partition, new TreeMap<>(counts)));
    partitions = copy;
  }

  /** A counter's value, 0 when nothing was counted. */
  public long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }

  /** A Kafka partition's counter, 0 when nothing was counted. */
  public long counter(String topicPartition, String name) {
    return partitions.getOrDefault(topicPartition, Map.of()).getOrDefault(name, 0L);
  }

  /** Events in quarantine for each rule they broke. */
  public Map<String, Long> quarantinedByRule() {
    Map<String, Long> byRule = new TreeMap<>();
    counters.forEach(
        (name, count) -> {
          if (name.startsWith(QUARANTINED_BY)) {
            byRule.put(name.substring(QUARANTINED_BY.length()), count);
          }
        });
    return byRule;
  }

  /** Where the next commit goes on with an input, {@link Span#START} when none took of it yet. */
  public long next(String input) {
    Span span = position.get(input);
    return span == null ? Span.START : span.next();
  }

  /** Where the next commit goes on, by input. */
  public Map<String, Long> nextByInput() {
    Map<String, Long> next = new TreeMap<>();
    position.forEach((input, span) -> next.put(input, span.next()));
    return next;
  }

  /** What the commit after this one carries when it brings so much more. */
  Progress followedBy(Progress more) {
    Map<String, Span> spans = new TreeMap<>();
    position.forEach((input, span) -> spans.put(input, new Span(span.next(), span.next())));
    spans.putAll(more.position);
    return new Progress(
        spans,
        sum(counters, more.counters),
        plus(more).partitions,
        more.minEventTime,
        more.maxEventTime);
  }

  /** Both together: spans joined, counts added, event times widened. */
  public Progress plus(Progress other) {
    Map<String, Span> spans = new TreeMap<>(position);
    other.position.forEach((input, span) -> spans.merge(input, span, Span::then));
    Map<String, Map<String, Long>> counts = new TreeMap<>(partitions);
    other.partitions.forEach((partition, more) -> counts.merge(partition, more, Progress::sum));
    long min =
        minEventTime == NO_EVENT_TIME
            ? other.minEventTime
            : other.minEventTime == NO_EVENT_TIME
                ? minEventTime
                : Math.min(minEventTime, other.minEventTime);
    return new Progress(
        spans,
        sum(counters, other.counters),
        counts,
        min,
        Math.max(maxEventTime, other.maxEventTime));
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> totals = new TreeMap<>(one);
    other.forEach((name, count) -> totals.merge(name, count, Long::sum));
    return totals;
  }
}
