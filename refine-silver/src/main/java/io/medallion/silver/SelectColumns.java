package io.medallion.silver;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import java.io.Serializable;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/** Makes of a record ({@link MergedRecord}) the columns of a silver row. */
final class SelectColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final PlannedSelect select;
  private final RowType record;
  private final int contractFields;

  SelectColumns(PipelineDefinition pipeline) {
    RowType contract = pipeline.source().contract().rowType();
    this.select = PlannedSelect.plan("silver.sql", pipeline.silver().sql(), "bronze", contract);
    this.record = new MergedRecord(contract).rowType();
    this.contractFields = contract.getFieldCount();
  }

  Selection open(StreamTask<?, ?> task, ProcessingTimeService processingTime) throws Exception {
    return new Selection(select.open(task, processingTime));
  }

  /** The SELECT in an operator. Not thread-safe. */
  final class Selection {
    private final PlannedSelect.Evaluation select;
    private final RowData.FieldGetter[] fields;

    private Selection(PlannedSelect.Evaluation select) {
      this.select = select;
      this.fields = new RowData.FieldGetter[record.getFieldCount()];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = RowData.createFieldGetter(record.getTypeAt(i), i);
      }
    }

    /** The columns of the SELECT. */
    RowData selected(RowData merged) throws Exception {
      return select.evaluate(part(merged, 0, contractFields));
    }

    /** The columns that silver adds to every row. */
    RowData added(RowData merged) {
      return part(merged, contractFields, fields.length);
    }

    private GenericRowData part(RowData merged, int from, int to) {
      GenericRowData part = new GenericRowData(to - from);
      for (int i = from; i < to; i++) {
        part.setField(i - from, fields[i].getFieldOrNull(merged));
      }
      return part;
    }
  }
}
