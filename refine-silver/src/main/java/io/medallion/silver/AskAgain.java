package io.medallion.silver;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Requests;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Reference;
import io.medallion.schemas.ReferenceRule;
import io.medallion.schemas.ReplayRequest;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ScheduledFuture;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;

/**
 * Asks for a replay of what a reference kept out, as an operator of the pipeline would, while the
 * grace period of its rule lasts: when the reference has a new commit, or the quarantine a new
 * event that broke the rule. It asks some thirty times in that period at most, and not before its
 * last request is carried out. Emits nothing.
 */
final class AskAgain extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private static final int TIMES_IN_GRACE = 30;
  private static final int TIMES_WITHOUT_NEWS = 4;
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /** An event is in quarantine by its own time before anybody can see it there. */
  private static final Duration COMMIT_TAKES = Duration.ofMinutes(2);

  private final List<ReferenceRule> rules;
  private final TableDefinition quarantine;
  private final String warehouse;
  private final long pauseMs;
  private final int brokenRules;
  private final int quarantinedAt;

  private transient ListState<Tuple2<String, Long>> state;

  /** When the newest event was quarantined, by the rule it broke; epoch milliseconds. */
  private transient Map<String, Long> newest;

  /** The same of {@code newest} at each barrier whose checkpoint is not complete. */
  private transient NavigableMap<Long, Map<String, Long>> atBarrier;

  /** The same of {@code newest} at the last barrier whose checkpoint is complete. */
  private transient Map<String, Long> complete;

  /** When that event was committed to the quarantine; epoch milliseconds. */
  private transient Map<String, Long> committed;

  /** By rule, what was there when it asked last: the reference's commit, the newest event. */
  private transient Map<String, String> seen;

  /** The last request that is there, as far as it knows. */
  private transient long last;

  @Nullable private transient ScheduledFuture<?> timer;

  AskAgain(PipelineDefinition pipeline, String warehouse) {
    this.rules = rules(pipeline);
    this.quarantine = Tables.quarantine(pipeline);
    this.warehouse = warehouse;
    long shortest = rules.stream().mapToLong(rule -> rule.grace().toMillis()).min().orElseThrow();
    this.pauseMs =
        Math.min(
            Math.max(shortest / TIMES_IN_GRACE, SHORTEST_PAUSE.toMillis()),
            LONGEST_PAUSE.toMillis());
    this.brokenRules = quarantine.columns().getFieldIndex(Tables.RULES);
    this.quarantinedAt = quarantine.columns().getFieldIndex(Tables.QUARANTINED_AT);
  }

  /** The rules of a pipeline that have a grace period. */
  static List<ReferenceRule> rules(PipelineDefinition pipeline) {
    return pipeline.silver().referenceRules().stream()
        .filter(rule -> !rule.grace().isZero())
        .toList();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>("newest", Types.TUPLE(Types.STRING, Types.LONG)));
    newest = new TreeMap<>();
    complete = new TreeMap<>();
    committed = new TreeMap<>();
    atBarrier = new TreeMap<>();
    seen = new TreeMap<>();
    for (Tuple2<String, Long> rule : state.get()) {
      newest.put(rule.f0, rule.f1);
    }
    complete.putAll(newest);
    // There may be events in quarantine that another run has put there.
    long now = getProcessingTimeService().getCurrentProcessingTime();
    rules.forEach(
        rule ->
            committed.put(
                rule.name(), context.isRestored() ? newest.getOrDefault(rule.name(), 0L) : now));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<Tuple2<String, Long>> stored = new ArrayList<>();
    newest.forEach((rule, at) -> stored.add(Tuple2.of(rule, at)));
    state.update(stored);
    atBarrier.put(context.getCheckpointId(), new TreeMap<>(newest));
  }

  /** What came before the barrier is in the quarantine now, or will be in a moment. */
  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    Map.Entry<Long, Map<String, Long>> barrier = atBarrier.floorEntry(checkpointId);
    if (barrier != null) {
      long now = getProcessingTimeService().getCurrentProcessingTime();
      barrier
          .getValue()
          .forEach(
              (rule, at) -> {
                if (!at.equals(complete.put(rule, at))) {
                  committed.put(rule, now);
                }
              });
      atBarrier.headMap(checkpointId, true).clear();
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    askLater(getProcessingTimeService().getCurrentProcessingTime());
  }

  private void askLater(long now) {
    timer =
        getProcessingTimeService()
            .registerTimer(
                now + pauseMs,
                at -> {
                  ask(at);
                  askLater(getProcessingTimeService().getCurrentProcessingTime());
                });
  }

  @Override
  public void close() throws Exception {
    if (timer != null) {
      timer.cancel(false);
    }
    super.close();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData event = element.getValue();
    ArrayData broken = event.getArray(brokenRules);
    for (int i = 0; i < broken.size(); i++) {
      String rule = broken.getString(i).toString();
      if (rules.stream().anyMatch(grace -> grace.name().equals(rule))) {
        newest.merge(rule, event.getTimestamp(quarantinedAt, 3).getMillisecond(), Math::max);
      }
    }
  }

  private void ask(long now) {
    List<ReferenceRule> waiting =
        rules.stream().filter(rule -> committedAt(rule) + periodMs(rule) > now).toList();
    if (waiting.isEmpty()) {
      return;
    }
    Optional<Commit> quarantined = CommitLog.latest(warehouse, quarantine);
    Requests requests = Requests.about(quarantine, warehouse);
    if (quarantined.isEmpty()) {
      return;
    }
    long carriedOut = quarantined.get().progress().next(requests.input());
    if (carriedOut < last) {
      return;
    }
    for (ReferenceRule rule : waiting) {
      long periodMs = periodMs(rule);
      long since = committedAt(rule);
      // Some times without any news, too: a commit may come after it was waited for.
      String there =
          "%s %d %d".formatted(instant(rule), since, (now - since) * TIMES_WITHOUT_NEWS / periodMs);
      if (!there.equals(seen.put(rule.name(), there))) {
        last =
            requests.add(
                new ReplayRequest(
                        quarantined.get().instant(),
                        List.of(rule.name()),
                        now - periodMs - COMMIT_TAKES.toMillis())
                    .toJson(),
                Math.max(carriedOut, last));
      }
    }
  }

  private long committedAt(ReferenceRule rule) {
    return committed.getOrDefault(rule.name(), 0L);
  }

  /** The grace period, and until it looks the next time. */
  private long periodMs(ReferenceRule rule) {
    return rule.grace().toMillis() + pauseMs;
  }

  private String instant(ReferenceRule rule) {
    return rule.reference() instanceof Reference.OfPipeline other
        ? CommitLog.newestInstant(warehouse, other.table()).orElse("")
        : "";
  }
}
