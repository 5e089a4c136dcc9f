package io.medallion.silver;

import io.medallion.io.Input;
import io.medallion.io.Progress;
import io.medallion.schemas.Gate;
import io.medallion.schemas.Gate.EventCount;
import io.medallion.schemas.Gate.NullShare;
import io.medallion.schemas.Gate.QuarantinedShare;
import io.medallion.schemas.PipelineDefinition;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Row;

/**
 * Judges by the gates what the operators have counted, before the checkpoint that commits it: a
 * gate that does not hold ends the job for good, and neither the events nor their position are
 * committed. One subtask, which all reports of a checkpoint reach before its barrier.
 *
 * <p>Shares are counted anew after a restart: what is committed already must not close a gate again
 * whose reason was corrected. The first events after a restart are not compared with the commits
 * before it: they may be those of a long pause.
 */
final class CheckGates extends AbstractStreamOperator<Row>
    implements OneInputStreamOperator<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** As many as a gate's own percentage may have. */
  private static final int DIGITS = 6;

  private static final BigDecimal ALL = BigDecimal.valueOf(100);

  private final String pipeline;
  private final List<Gate> gates;

  private transient ListState<Long> state;

  /** By gate: the events that are not judged yet, and those among them that it counts. */
  private transient Map<String, Counted> shares;

  /** How many events the last commits had. */
  private transient Deque<Long> commits;

  private transient boolean restarted;
  private transient Progress epoch;

  CheckGates(PipelineDefinition pipeline) {
    this.pipeline = pipeline.name();
    this.gates = pipeline.silver().gates();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("events of commits", Types.LONG));
    shares = new HashMap<>();
    commits = new ArrayDeque<>();
    for (long events : state.get()) {
      commits.add(events);
    }
    restarted = context.isRestored();
    epoch = Progress.NONE;
  }

  @Override
  public void processElement(StreamRecord<Row> report) {
    epoch = epoch.plus(Input.progress(report.getValue()));
    output.collect(report);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    for (Gate gate : gates) {
      if (gate instanceof QuarantinedShare share) {
        judge(share);
      } else if (gate instanceof NullShare share) {
        judge(share);
      } else if (gate instanceof EventCount count) {
        judge(count);
      }
    }
    epoch = Progress.NONE;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.update(List.copyOf(commits));
  }

  private void judge(QuarantinedShare gate) {
    judge(
        gate,
        gate.atMost(),
        gate.over(),
        epoch.counter(Progress.INPUT),
        epoch.counter(Progress.QUARANTINED),
        "events are to be quarantined");
  }

  private void judge(NullShare gate) {
    judge(
        gate,
        gate.atMost(),
        gate.over(),
        epoch.counter(Progress.INSERTS),
        epoch.counter(Progress.NULL_IN + gate.column()),
        "events have no " + gate.column());
  }

  private void judge(
      Gate gate, BigDecimal atMost, long over, long moreEvents, long moreOfThem, String what) {
    Counted all = shares.getOrDefault(gate.name(), Counted.NONE).plus(moreEvents, moreOfThem);
    if (all.events < over) {
      shares.put(gate.name(), all);
      return;
    }
    shares.remove(gate.name());
    if (percent(all.ofThem, all.events).compareTo(atMost) > 0) {
      throw closed(
          gate,
          "%,d of the last %,d %s (%s%%), at most %s%% may"
              .formatted(
                  all.ofThem, all.events, what, percent(all.ofThem, all.events), plain(atMost)));
    }
  }

  private void judge(EventCount gate) {
    long events = epoch.counter(Progress.INPUT);
    if (events == 0) {
      return;
    }
    if (restarted) {
      restarted = false;
      return;
    }
    if (commits.size() >= gate.commits()) {
      long sum = commits.stream().mapToLong(Long::longValue).sum();
      BigDecimal percent = percent(events * commits.size(), sum);
      String found =
          "a commit of %,d events is %s%% of the mean of the last %d, %,d"
              .formatted(events, percent, commits.size(), sum / commits.size());
      if (gate.atLeast() != null && percent.compareTo(gate.atLeast()) < 0) {
        throw closed(gate, found + "; expected at least " + plain(gate.atLeast()) + "%");
      }
      if (gate.atMost() != null && percent.compareTo(gate.atMost()) > 0) {
        throw closed(gate, found + "; expected at most " + plain(gate.atMost()) + "%");
      }
    }
    commits.addLast(events);
    while (commits.size() > gate.commits()) {
      commits.removeFirst();
    }
  }

  private SuppressRestartsException closed(Gate gate, String found) {
    return new SuppressRestartsException(
        new IllegalStateException(
            "Gate %s of pipeline %s is closed: %s%s. What was read since the last commit is not committed, and nothing is lost: correct the source, the rule or the gate, and let refine-silver go on from its last checkpoint (flink run -s)."
                .formatted(gate.name(), pipeline, found, byRule())));
  }

  /** The rules that the events since the last barrier broke, the most often broken one first. */
  private String byRule() {
    List<Map.Entry<String, Long>> rules = new ArrayList<>(epoch.counters().entrySet());
    rules.removeIf(counter -> !counter.getKey().startsWith(Progress.QUARANTINED_BY));
    if (rules.isEmpty()) {
      return "";
    }
    rules.sort(Map.Entry.<String, Long>comparingByValue().reversed());
    return rules.stream()
        .map(
            rule ->
                "%s %,d"
                    .formatted(
                        rule.getKey().substring(Progress.QUARANTINED_BY.length()), rule.getValue()))
        .collect(Collectors.joining(", ", " (quarantined by ", ")"));
  }

  private static BigDecimal percent(long some, long all) {
    BigDecimal percent =
        BigDecimal.valueOf(some)
            .multiply(ALL)
            .divide(BigDecimal.valueOf(all), DIGITS, RoundingMode.HALF_UP);
    return new BigDecimal(plain(percent));
  }

  private static String plain(BigDecimal percent) {
    return percent.stripTrailingZeros().toPlainString();
  }

  /**
   * Events, and how many of them a gate counts.
   *
   * @param events so many
   * @param ofThem so many among them
   */
  private record Counted(long events, long ofThem) {
    static final Counted NONE = new Counted(0, 0);

    Counted plus(long moreEvents, long moreOfThem) {
      return new Counted(events + moreEvents, ofThem + moreOfThem);
    }
  }
}
