package io.medallion.silver;

import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;

/**
 * Merges the events of each key ({@link MergeEvents}), applies the SELECT to the merged record, and
 * emits what changes in the silver table. A row that moves to another partition is deleted there
 * and inserted here. Counts each event once, in its outcome and for its own Kafka partition.
 */
final class MergeByKey extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final RowType contract;
  private final List<String> correctionSets;
  private final PlannedSelect select;
  private final RowType silver;
  private final KeyText partition;
  private final EventRow eventRow;
  private transient MergeEvents merge;
  private transient PartitionNames partitions;
  private transient ValueState<RowData> state;
  private transient PlannedSelect.Evaluation selected;
  private transient RowData.FieldGetter[] fields;
  private transient RowDataSerializer rows;
  private transient RowDataSerializer otherRows;

  MergeByKey(PipelineDefinition pipeline, EventRow eventRow) {
    TableDefinition table = Tables.silver(pipeline);
    this.contract = pipeline.source().contract().rowType();
    this.correctionSets = pipeline.silver().changes().correctionSets();
    this.select = PlannedSelect.plan("silver.sql", pipeline.silver().sql(), "bronze", contract);
    this.silver = table.columns();
    this.partition = new KeyText(table.columns(), table.partitionBy());
    this.eventRow = eventRow;
  }

  @Override
  public void open() throws Exception {
    super.open();
    merge = new MergeEvents(contract, correctionSets);
    partitions = new PartitionNames();
    state =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("key state", InternalTypeInfo.of(merge.stateType())));
    selected = select.open(getContainingTask(), getProcessingTimeService());
    RowType record = merge.recordType();
    fields = new RowData.FieldGetter[record.getFieldCount()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = RowData.createFieldGetter(record.getTypeAt(i), i);
    }
    rows = new RowDataSerializer(silver);
    otherRows = new RowDataSerializer(silver);
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    Event event = eventRow.event(element.getValue());
    MergedEvent merged = merge.merge(state.value(), event);
    state.update(merged.state());
    count(event.at(), merged.outcome(), 1);
    for (Move move : merged.moves()) {
      count(move.event(), move.from(), -1);
      count(move.event(), move.to(), 1);
    }
    change(silverRow(merged.before()), silverRow(merged.after()));
  }

  private void count(Version event, Outcome outcome, long by) {
    progress().count(partitions.of(event.topic(), event.partition()), outcome.counter(), by);
  }

  private void change(@Nullable RowData before, @Nullable RowData after) {
    if (before == null && after == null) {
      return;
    }
    if (before == null) {
      emit(RowKind.INSERT, after);
    } else if (after == null) {
      emit(RowKind.DELETE, before);
    } else if (!partition.of(before).equals(partition.of(after))) {
      emit(RowKind.DELETE, before);
      emit(RowKind.INSERT, after);
    } else if (!rows.toBinaryRow(before).equals(otherRows.toBinaryRow(after))) {
      emit(RowKind.UPDATE_BEFORE, before);
      emit(RowKind.UPDATE_AFTER, after);
    }
  }

  private void emit(RowKind kind, RowData row) {
    progress().count(Progress.CHANGES, 1);
    progress().count(Progress.ROWS, kind == RowKind.INSERT ? 1 : kind == RowKind.DELETE ? -1 : 0);
    row.setRowKind(kind);
    output.collect(new StreamRecord<>(row));
  }

  /** The SELECT of a merged record and the columns that silver adds. */
  private @Nullable RowData silverRow(@Nullable RowData record) throws Exception {
    if (record == null) {
      return null;
    }
    int contractFields = contract.getFieldCount();
    return new JoinedRowData(
        selected.evaluate(part(record, 0, contractFields)),
        part(record, contractFields, fields.length));
  }

  private GenericRowData part(RowData record, int from, int to) {
    GenericRowData part = new GenericRowData(to - from);
    for (int i = from; i < to; i++) {
      part.setField(i - from, fields[i].getFieldOrNull(record));
    }
    return part;
  }
}
