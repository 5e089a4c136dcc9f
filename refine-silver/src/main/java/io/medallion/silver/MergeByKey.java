package io.medallion.silver;

import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;

/**
 * Merges the events of each key ({@link MergeEvents}), applies the SELECT to the merged record, and
 * emits what changes in the silver table.
 */
final class MergeByKey extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final RowType contract;
  private final List<String> correctionSets;
  private final SelectColumns select;
  private final TableDefinition silver;
  private final EventRow eventRow;
  private transient MergeEvents merge;
  private transient ValueState<RowData> state;
  private transient SelectColumns.Selection columns;
  private transient CountOutcomes outcomes;
  private transient EmitChanges changes;

  MergeByKey(PipelineDefinition pipeline, EventRow eventRow) {
    this.contract = pipeline.source().contract().rowType();
    this.correctionSets = pipeline.silver().changes().correctionSets();
    this.select = new SelectColumns(pipeline);
    this.silver = Tables.silver(pipeline);
    this.eventRow = eventRow;
  }

  @Override
  public void open() throws Exception {
    super.open();
    merge = new MergeEvents(contract, correctionSets);
    state =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("key state", InternalTypeInfo.of(merge.stateType())));
    columns = select.open(getContainingTask(), getProcessingTimeService());
    outcomes = new CountOutcomes(progress());
    changes = new EmitChanges(silver, output, progress());
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Event event = eventRow.event(element.getValue());
    MergedEvent merged = merge.merge(state.value(), event);
    state.update(merged.state());
    outcomes.count(event.at(), merged.outcome(), merged.moves());
    changes.change(silverRow(merged.before()), silverRow(merged.after()));
  }

  /** The SELECT of a merged record and the columns that silver adds. */
  private @Nullable RowData silverRow(@Nullable RowData record) throws Exception {
    return record == null
        ? null
        : new JoinedRowData(columns.selected(record), columns.added(record));
  }
}
