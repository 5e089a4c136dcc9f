package io.medallion.silver;

import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.silver.HistoryChange.RowChange;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Keeps the versions of each key ({@link HistoryOfKey}), applies the SELECT to the record of each,
 * and emits what changes in the silver table. A row is named by its key and the order value that it
 * begins with, so rows that an event leaves as they are need not be touched.
 */
final class KeepHistory extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final RowType contract;
  private final List<String> correctionSets;
  private final SelectColumns select;
  private final SilverOrder order;
  private final TableDefinition silver;
  private final EventRow eventRow;
  private transient HistoryOfKey history;
  private transient HeldEvents events;
  private transient MergedRecord record;
  private transient SelectColumns.Selection columns;
  private transient CountOutcomes outcomes;
  private transient EmitChanges changes;

  KeepHistory(PipelineDefinition pipeline, EventRow eventRow) {
    this.contract = pipeline.source().contract().rowType();
    this.correctionSets = pipeline.silver().changes().correctionSets();
    this.select = new SelectColumns(pipeline);
    this.order = new SilverOrder(pipeline.silver());
    this.silver = Tables.silver(pipeline);
    this.eventRow = eventRow;
  }

  @Override
  public void open() throws Exception {
    super.open();
    history = new HistoryOfKey(contract, correctionSets);
    events = new HeldEvents(getRuntimeContext(), contract, correctionSets);
    record = new MergedRecord(contract);
    columns = select.open(getContainingTask(), getProcessingTimeService());
    outcomes = new CountOutcomes(progress());
    changes = new EmitChanges(silver, output, progress());
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Event event = eventRow.event(element.getValue());
    HeldEvents.Newest before = events.since(event.at());
    HistoryChange change = history.add(before.events(), event);
    events.replace(before, change.held());
    outcomes.count(event.at(), change.outcome(), change.moves());
    for (RowChange row : change.rows()) {
      change(row);
    }
  }

  private void change(RowChange row) throws Exception {
    Columns after = row.after() == null ? null : columns(row.after(), this::countIncomplete);
    Columns before =
        row.isOfItsEnd() ? after : row.before() == null ? null : columns(row.before(), () -> {});
    changes.change(silverRow(row.before(), before), silverRow(row.after(), after));
  }

  private void countIncomplete() {
    progress().count(Progress.WARNED_BY + SelectColumns.RULE, 1);
  }

  private Columns columns(HistoryRow row, Runnable incomplete) throws Exception {
    RowData merged = record.of(row.state());
    return new Columns(columns.selected(merged, incomplete), columns.added(merged));
  }

  /** The SELECT of the record, its time, and the columns that silver adds to every row. */
  private @Nullable RowData silverRow(@Nullable HistoryRow row, @Nullable Columns columns) {
    if (row == null) {
      return null;
    }
    RowData time =
        GenericRowData.of(
            order.value(row.from()),
            row.to() == null ? null : order.value(row.to()),
            row.to() == null);
    return new JoinedRowData(new JoinedRowData(columns.selected, time), columns.added);
  }

  /** What a record has in any version of it. */
  private record Columns(RowData selected, RowData added) {}
}
