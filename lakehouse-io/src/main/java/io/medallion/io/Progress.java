package io.medallion.io;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a job has come at a checkpoint: what its commits carry beside the data.
 *
 * @param position where the input goes on: Kafka topic-partition to next offset ({@code "t-0" ->
 *     42}); empty for jobs that read a table
 * @param counters totals since the job first started, by name (the constants below and {@code
 *     quarantined.<rule>})
 * @param minEventTime smallest event time of this commit, epoch milliseconds, or {@link
 *     #NO_EVENT_TIME}
 * @param maxEventTime largest event time of this commit, epoch milliseconds, or {@link
 *     #NO_EVENT_TIME}
 */
public record Progress(
    Map<String, Long> position, Map<String, Long> counters, long minEventTime, long maxEventTime)
    implements Serializable {
  public static final long NO_EVENT_TIME = Long.MIN_VALUE;

  /** Rows that the job has read. */
  public static final String INPUT = "input";

  /** Rows in the table: inserted less deleted. */
  public static final String ROWS = "rows";

  /** Rows written to the table, every change counted. */
  public static final String CHANGES = "changes";

  /** Events that changed a silver row. */
  public static final String APPLIED = "applied";

  /** Events older than what silver holds. */
  public static final String SUPERSEDED = "superseded";

  /** Events that silver holds already. */
  public static final String DUPLICATE = "duplicate";

  /** Corrections that wait for their record, at this moment. */
  public static final String PENDING = "pending";

  /** Prefix of the counters of quarantined events, one for each rule that an event broke. */
  public static final String QUARANTINED_BY = "quarantined.";

  /** Prefix of the counters of events that broke a rule which only warns. */
  public static final String WARNED_BY = "warned.";

  /** Events in quarantine. */
  public static final String QUARANTINED = "quarantined";

  public static final Progress NONE =
      new Progress(Map.of(), Map.of(), NO_EVENT_TIME, NO_EVENT_TIME);

  public Progress {
    position = new TreeMap<>(position);
    counters = new TreeMap<>(counters);
  }

  /** A counter's value, 0 when nothing was counted. */
  public long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }

  /** Both together: positions united, counters added, event times widened. */
  public Progress plus(Progress other) {
    Map<String, Long> positions = new TreeMap<>(position);
    other.position.forEach((partition, next) -> positions.merge(partition, next, Math::max));
    Map<String, Long> totals = new TreeMap<>(counters);
    other.counters.forEach((name, count) -> totals.merge(name, count, Long::sum));
    long min =
        minEventTime == NO_EVENT_TIME
            ? other.minEventTime
            : other.minEventTime == NO_EVENT_TIME
                ? minEventTime
                : Math.min(minEventTime, other.minEventTime);
    return new Progress(positions, totals, min, Math.max(maxEventTime, other.maxEventTime));
  }
}
