package io.medallion.silver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 */
final class CheckGates extends AbstractStreamOperator<Row>
    implements OneInputStreamOperator<Row, Row> {
  private static final long serialVersionUID = 1L;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BigDecimal ALL = BigDecimal.valueOf(100);

  private final String pipeline;
  private final List<Gate> gates;

  private transient ListState<String> state;

  /** By gate: of a share the events so far and those among them, of a count those of commits. */
  private transient Map<String, Deque<Long>> counted;

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
            .getListState(new ListStateDescriptor<>("counted", Types.STRING));
    counted = new TreeMap<>();
    for (String json : state.get()) {
      counted.putAll(JSON.readValue(json, new TypeReference<Map<String, ArrayDeque<Long>>>() {}));
    }
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
    state.update(List.of(json(counted)));
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
    Deque<Long> before = counted.getOrDefault(gate.name(), new ArrayDeque<>(List.of(0L, 0L)));
    long events = before.getFirst() + moreEvents;
    long ofThem = before.getLast() + moreOfThem;
    if (events < over) {
      counted.put(gate.name(), new ArrayDeque<>(List.of(events, ofThem)));
      return;
    }
    counted.remove(gate.name());
    if (percent(ofThem, events).compareTo(atMost) > 0) {
      throw closed(
          gate,
          "%,d of the last %,d %s (%s), at most %s may"
              .formatted(ofThem, events, what, shown(percent(ofThem, events)), shown(atMost)));
    }
  }

  private void judge(EventCount gate) {
    long events = epoch.counter(Progress.INPUT);
    if (events == 0) {
      return;
    }
    Deque<Long> before = counted.computeIfAbsent(gate.name(), first -> new ArrayDeque<>());
    if (before.size() >= gate.commits()) {
      long sum = before.stream().mapToLong(Long::longValue).sum();
      BigDecimal percent = percent(events * before.size(), sum);
      String found =
          "a commit of %,d events is %s of the mean of the last %d, %,d"
              .formatted(events, shown(percent), before.size(), sum / before.size());
      if (gate.atLeast() != null && percent.compareTo(gate.atLeast()) < 0) {
        throw closed(gate, found + "; expected at least " + shown(gate.atLeast()));
      }
      if (gate.atMost() != null && percent.compareTo(gate.atMost()) > 0) {
        throw closed(gate, found + "; expected at most " + shown(gate.atMost()));
      }
    }
    before.addLast(events);
    while (before.size() > gate.commits()) {
      before.removeFirst();
    }
  }

  private SuppressRestartsException closed(Gate gate, String found) {
    return new SuppressRestartsException(
        new IllegalStateException(
            "Gate %s of pipeline %s is closed: %s%s. Nothing of them is committed and nothing is lost: correct the source, the rule or the gate, and let refine-silver go on from its last checkpoint (flink run -s)."
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
    return BigDecimal.valueOf(some)
        .multiply(ALL)
        .divide(BigDecimal.valueOf(all), 6, RoundingMode.HALF_UP);
  }

  private static String shown(BigDecimal percent) {
    return percent.setScale(1, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString() + "%";
  }

  private static String json(Map<String, Deque<Long>> counted) {
    try {
      return JSON.writeValueAsString(counted);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
