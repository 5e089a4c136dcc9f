package io.medallion.silver;

import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.Duration;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;

/**
 * Merges the events of each key ({@link MergeEvents}), applies the SELECT to the merged record, and
 * emits what changes in the silver table.
 *
 * <p>With a lifetime, a key of which nothing came for so long is sealed: its state is gone but for
 * a mark, so its row must stay as it is, or readers of the changes would take back what they do not
 * have. What comes for it is emitted to the side ({@link #sealed}); an event that a replay brings
 * counts as superseded.
 */
final class MergeByKey extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  /** After so many states RocksDB's compaction looks at the clock again. */
  private static final long CLEANED_AT_ONCE = 1_000;

  private final RowType contract;
  private final List<String> correctionSets;
  private final SelectColumns select;
  private final TableDefinition silver;
  private final EventRow eventRow;
  private transient MergeEvents merge;
  private final Duration lifetime;
  private transient ValueState<RowData> state;

  /** Set for every key that there was; null without a lifetime. */
  @Nullable private transient ValueState<Boolean> mark;

  private transient SelectColumns.Selection columns;
  private transient CountOutcomes outcomes;
  private transient EmitChanges changes;
  private transient OutputTag<RowData> sealed;

  MergeByKey(PipelineDefinition pipeline, EventRow eventRow) {
    this.contract = pipeline.source().contract().rowType();
    this.correctionSets = pipeline.silver().changes().correctionSets();
    this.select = new SelectColumns(pipeline);
    this.silver = Tables.silver(pipeline);
    this.eventRow = eventRow;
    this.lifetime = pipeline.silver().stateLifetime();
  }

  /** Events of sealed keys, as {@link EventRow}. */
  static OutputTag<RowData> sealed(EventRow eventRow) {
    return new OutputTag<>("sealed", InternalTypeInfo.of(eventRow.rowType()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    merge = new MergeEvents(contract, correctionSets);
    ValueStateDescriptor<RowData> keyState =
        new ValueStateDescriptor<>("key state", InternalTypeInfo.of(merge.stateType()));
    if (!lifetime.isZero()) {
      keyState.enableTimeToLive(
          StateTtlConfig.newBuilder(lifetime)
              .cleanupInRocksdbCompactFilter(CLEANED_AT_ONCE)
              .build());
      mark = getRuntimeContext().getState(new ValueStateDescriptor<>("mark", Types.BOOLEAN));
    }
    state = getRuntimeContext().getState(keyState);
    sealed = sealed(eventRow);
    columns = select.open(getContainingTask(), getProcessingTimeService());
    outcomes = new CountOutcomes(progress());
    changes = new EmitChanges(silver, output, progress());
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Event event = eventRow.event(element.getValue());
    RowData before = state.value();
    if (before == null && mark != null) {
      if (mark.value() != null) {
        setAside(element, event);
        return;
      }
      mark.update(true);
    }
    MergedEvent merged = merge.merge(before, event);
    state.update(merged.state());
    outcomes.count(event.at(), merged.outcome(), merged.moves());
    changes.change(
        silverRow(merged.before(), () -> {}), silverRow(merged.after(), this::countIncomplete));
  }

  private void countIncomplete() {
    progress().count(Progress.WARNED_BY + SelectColumns.RULE, 1);
  }

  private void setAside(StreamRecord<RowData> element, Event event) {
    if (eventRow.record(element.getValue()) == null) {
      outcomes.count(event.at(), Outcome.SUPERSEDED, List.of());
    } else {
      output.collect(sealed, element);
    }
  }

  /** The SELECT of a merged record and the columns that silver adds. */
  private @Nullable RowData silverRow(@Nullable RowData record, Runnable incomplete)
      throws Exception {
    return record == null
        ? null
        : new JoinedRowData(columns.selected(record, incomplete), columns.added(record));
  }
}
