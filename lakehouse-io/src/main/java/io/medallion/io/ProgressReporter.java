package io.medallion.io;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** What one operator subtask has counted since the last checkpoint; shown as metrics too. */
public final class ProgressReporter {
  /** Clocks that are kept right differ by less. */
  private static final long CLOCKS_DIFFER_MS = 60_000;

  private final JobMetrics metrics;
  private final LongSupplier clock;
  private final Map<String, Span> position = new HashMap<>();
  private final Map<String, Count> counters = new HashMap<>();
  private final Map<String, Map<String, Count>> partitions = new HashMap<>();
  private long minEventTime = Progress.NO_EVENT_TIME;
  private long maxEventTime = Progress.NO_EVENT_TIME;

  ProgressReporter(JobMetrics metrics) {
    this(metrics, System::currentTimeMillis);
  }

  ProgressReporter(JobMetrics metrics, LongSupplier clock) {
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Adds to a counter; the names are those of {@link Progress}. */
  public void count(String counter, long by) {
    if (by != 0) {
      shown(counter).add(by);
    }
  }

  /** Shows the total of a counter as a metric before there is anything to count. */
  public void show(String counter) {
    Count unused = shown(counter);
  }

  private Count shown(String counter) {
    Count there = counters.get(counter);
    if (there != null) {
      return there;
    }
    Count first = new Count();
    counters.put(counter, first);
    metrics.total(counter, () -> first.total);
    return first;
  }

  /**
   * Adds to a counter and to that of a Kafka partition.
   *
   * @param topicPartition e.g. {@code orders-0}
   */
  public void count(String topicPartition, String counter, long by) {
    if (by != 0) {
      count(counter, by);
      partitions
          .computeIfAbsent(topicPartition, first -> new HashMap<>())
          .computeIfAbsent(counter, first -> new Count())
          .add(by);
    }
  }

  /** What was read of an input. */
  void read(String input, Span span) {
    position.merge(input, span, Span::then);
  }

  /**
   * An event on its way to the table, by its event time in epoch milliseconds. One that lies in the
   * future is counted as {@link Progress#FUTURE} instead: the tables would seem fresh until then.
   */
  public void event(long time) {
    if (time > maxEventTime) {
      if (time > clock.getAsLong() + CLOCKS_DIFFER_MS) {
        count(Progress.FUTURE, 1);
        return;
      }
      maxEventTime = time;
      metrics.eventTime(time);
    }
    minEventTime = minEventTime == Progress.NO_EVENT_TIME ? time : Math.min(minEventTime, time);
  }

  /** What was counted since the last call. */
  Progress take() {
    Map<String, Map<String, Long>> ofPartitions = new HashMap<>();
    partitions.forEach(
        (partition, counts) -> {
          Map<String, Long> taken = take(counts);
          if (!taken.isEmpty()) {
            ofPartitions.put(partition, taken);
          }
        });
    Progress taken =
        new Progress(position, take(counters), ofPartitions, minEventTime, maxEventTime);
    position.clear();
    minEventTime = Progress.NO_EVENT_TIME;
    maxEventTime = Progress.NO_EVENT_TIME;
    return taken;
  }

  private static Map<String, Long> take(Map<String, Count> counts) {
    Map<String, Long> taken = new HashMap<>();
    counts.forEach(
        (name, count) -> {
          if (count.isCounted) {
            taken.put(name, count.since);
            count.since = 0;
            count.isCounted = false;
          }
        });
    return taken;
  }

  /** Of one name; added to for each row, so nothing is looked up or boxed twice. */
  private static final class Count {
    private boolean isCounted;
    private long since;
    private long total;

    void add(long by) {
      isCounted = true;
      since += by;
      total += by;
    }
  }
}
