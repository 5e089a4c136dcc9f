package io.medallion.io;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;

/**
 * What one operator subtask has to report: totals that survive restarts and rescaling, the input's
 * position, the event times since the last checkpoint. Handed in with every checkpoint, so that
 * commits carry it, and shown as metrics.
 */
public final class ProgressReporter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String table;
  private final OperatorEventGateway commits;
  private final JobMetrics metrics;
  private final Map<String, Span> position = new HashMap<>();
  private final Map<String, Long> counters = new HashMap<>();
  private final Map<String, Map<String, Long>> partitions = new HashMap<>();
  private long minEventTime = Progress.NO_EVENT_TIME;
  private long maxEventTime = Progress.NO_EVENT_TIME;
  private ListState<String> state;

  ProgressReporter(String table, OperatorEventGateway commits, JobMetrics metrics) {
    this.table = table;
    this.commits = commits;
    this.metrics = metrics;
  }

  void initializeState(StateInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("progress", Types.STRING));
    for (String stored : state.get()) {
      Progress progress = JSON.readValue(stored, Progress.class);
      progress.position().forEach((partition, next) -> position.merge(partition, next, Span::then));
      progress.counters().forEach(this::count);
    }
  }

  void snapshotState(StateSnapshotContext context) throws Exception {
    Progress progress = new Progress(position, counters, partitions, minEventTime, maxEventTime);
    state.clear();
    state.add(
        JSON.writeValueAsString(
            new Progress(
                position, counters, partitions, Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME)));
    commits.sendEventToCoordinator(new Reported(context.getCheckpointId(), table, progress));
    minEventTime = Progress.NO_EVENT_TIME;
    maxEventTime = Progress.NO_EVENT_TIME;
  }

  /** Adds to a counter; the names are those of {@link Progress}. */
  public void count(String counter, long by) {
    if (by == 0) {
      return;
    }
    boolean first = !counters.containsKey(counter);
    counters.merge(counter, by, Long::sum);
    if (first) {
      metrics.total(counter, () -> counters.get(counter));
    }
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
          .merge(counter, by, Long::sum);
    }
  }

  /** The record of a Kafka partition that is read next. */
  public void readUpTo(String topicPartition, long nextOffset) {
    position.put(topicPartition, new Span(0, nextOffset));
  }

  /** An event on its way to the table, by its event time in epoch milliseconds. */
  public void event(long time) {
    minEventTime = minEventTime == Progress.NO_EVENT_TIME ? time : Math.min(minEventTime, time);
    if (time > maxEventTime) {
      maxEventTime = time;
      metrics.eventTime(time);
    }
  }

  /**
   * A subtask's report for one checkpoint.
   *
   * @param table the table that the progress is about, empty for all tables of the job
   */
  public record Reported(long checkpointId, String table, Progress progress)
      implements OperatorEvent {
    private static final long serialVersionUID = 1L;
  }
}
