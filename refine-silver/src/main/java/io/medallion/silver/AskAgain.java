package io.medallion.silver;

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
 * grace period of its rule lasts: whenever the reference or the quarantine has a new commit, but
 * not more often than some thirty times in that period. Emits nothing.
 */
final class AskAgain extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private static final int TIMES_IN_GRACE = 30;
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  private final List<ReferenceRule> rules;
  private final TableDefinition quarantine;
  private final String warehouse;
  private final long pauseMs;
  private final int brokenRules;
  private final int quarantinedAt;

  private transient ListState<Tuple2<String, Long>> state;

  /** When the newest event was quarantined, by the rule it broke; epoch milliseconds. */
  private transient Map<String, Long> newest;

  /** The commits that were there when it asked last. */
  private transient List<String> seen;

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
    if (!context.isRestored()) {
      // There may be events in quarantine that another run has put there.
      long now = getProcessingTimeService().getCurrentProcessingTime();
      rules.forEach(rule -> newest.put(rule.name(), now));
    }
    for (Tuple2<String, Long> rule : state.get()) {
      newest.put(rule.f0, rule.f1);
    }
    seen = List.of();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<Tuple2<String, Long>> stored = new ArrayList<>();
    newest.forEach((rule, at) -> stored.add(Tuple2.of(rule, at)));
    state.update(stored);
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
      newest.merge(
          broken.getString(i).toString(),
          event.getTimestamp(quarantinedAt, 3).getMillisecond(),
          Math::max);
    }
  }

  private void ask(long now) {
    List<ReferenceRule> waiting =
        rules.stream()
            .filter(
                rule ->
                    newest.getOrDefault(rule.name(), 0L) + rule.grace().toMillis() + pauseMs > now)
            .toList();
    Optional<String> upTo = CommitLog.newestInstant(warehouse, quarantine);
    if (waiting.isEmpty() || upTo.isEmpty()) {
      return;
    }
    List<String> commits = new ArrayList<>(List.of(upTo.get()));
    for (ReferenceRule rule : waiting) {
      if (rule.reference() instanceof Reference.OfPipeline other) {
        commits.add(CommitLog.newestInstant(warehouse, other.table()).orElse(""));
      }
    }
    if (commits.equals(seen)) {
      return;
    }
    long longest = waiting.stream().mapToLong(rule -> rule.grace().toMillis()).max().orElseThrow();
    Requests.about(quarantine, warehouse)
        .add(
            new ReplayRequest(
                    upTo.get(),
                    waiting.stream().map(ReferenceRule::name).toList(),
                    now - longest - pauseMs)
                .toJson());
    seen = commits;
  }
}
