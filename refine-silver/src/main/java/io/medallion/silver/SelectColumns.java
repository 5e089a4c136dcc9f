package io.medallion.silver;

import io.medallion.io.PartitionFolder;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.SilverDefinition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType;

/**
 * Makes of a record ({@link MergedRecord}) the columns of a silver row.
 *
 * <p>Each event has passed the SELECT alone, and yet it may fail for what they make together: an
 * amount of one divided by the quantity, zero, of another. What cannot be computed then, or cannot
 * name a partition's folder, is null until another event changes that: which column it is depends
 * on the record, and so not on the order in which its events came.
 */
final class SelectColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String BRONZE = "bronze";

  /** The rule that a record breaks of which a column cannot be computed. */
  static final String RULE = "silver.sql";

  private final PlannedSelect select;
  private final String sql;
  private final RowType contract;
  private final RowType selected;

  /** Those without which there is no row. */
  private final Set<String> required;

  /** Those that name folders, by their places in the SELECT. */
  private final List<Integer> folders = new ArrayList<>();

  private final RowType record;

  SelectColumns(PipelineDefinition pipeline) {
    SilverDefinition silver = pipeline.silver();
    this.contract = pipeline.source().contract().rowType();
    this.sql = silver.sql();
    this.select = PlannedSelect.plan(RULE, sql, BRONZE, contract);
    this.selected = silver.columns();
    this.required = new HashSet<>(silver.key());
    required.add(silver.orderBy());
    for (String column : silver.partitionBy()) {
      int index = selected.getFieldIndex(column);
      if (selected.getTypeAt(index).is(LogicalTypeFamily.CHARACTER_STRING)) {
        folders.add(index);
      }
    }
    this.record = new MergedRecord(contract).rowType();
  }

  Selection open(StreamTask<?, ?> task, ProcessingTimeService processingTime) throws Exception {
    return new Selection(select.open(task, processingTime), task, processingTime);
  }

  /** The SELECT in an operator. Not thread-safe. */
  final class Selection {
    private final PlannedSelect.Evaluation whole;
    private final StreamTask<?, ?> task;
    private final ProcessingTimeService processingTime;
    private final RowData.FieldGetter[] fields;

    /** Each alone; planned when the first record needs them, which takes a moment. */
    private final List<PlannedSelect.Evaluation> columns = new ArrayList<>();

    private Selection(
        PlannedSelect.Evaluation whole,
        StreamTask<?, ?> task,
        ProcessingTimeService processingTime) {
      this.whole = whole;
      this.task = task;
      this.processingTime = processingTime;
      this.fields = new RowData.FieldGetter[record.getFieldCount()];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = RowData.createFieldGetter(record.getTypeAt(i), i);
      }
    }

    /**
     * The columns of the SELECT.
     *
     * @param incomplete hears that some of them are null because they cannot be computed
     */
    RowData selected(RowData merged, Runnable incomplete) throws Exception {
      RowData input = part(merged, 0, contract.getFieldCount());
      RowData row;
      try {
        row = whole.evaluate(input);
      } catch (Exception failure) {
        incomplete.run();
        return fittingFolders(oneByOne(input), () -> {});
      }
      return fittingFolders(row, incomplete);
    }

    private RowData oneByOne(RowData input) throws Exception {
      if (columns.isEmpty()) {
        for (PlannedSelect column :
            PlannedSelect.planEach(RULE, sql, selected.getFieldNames(), BRONZE, contract)) {
          columns.add(column.open(task, processingTime));
        }
      }
      GenericRowData row = new GenericRowData(columns.size());
      for (int i = 0; i < columns.size(); i++) {
        try {
          row.setField(
              i,
              RowData.createFieldGetter(selected.getTypeAt(i), 0)
                  .getFieldOrNull(columns.get(i).evaluate(input)));
        } catch (Exception failure) {
          String name = selected.getFieldNames().get(i);
          if (required.contains(name)) {
            throw new SuppressRestartsException(
                new IllegalStateException(
                    "Column %s, which a row must have, cannot be computed for a record that its events make together. Change it in silver.sql so that it depends on nothing that a correction sets."
                        .formatted(name),
                    failure));
          }
        }
      }
      return row;
    }

    private RowData fittingFolders(RowData row, Runnable incomplete) {
      GenericRowData without = null;
      for (int folder : folders) {
        if (!row.isNullAt(folder)
            && PartitionFolder.isTooLong(
                selected.getFieldNames().get(folder), row.getString(folder).toString())) {
          if (without == null) {
            without = copy(row);
            incomplete.run();
          }
          without.setField(folder, null);
        }
      }
      return without == null ? row : without;
    }

    private GenericRowData copy(RowData row) {
      GenericRowData copy = new GenericRowData(selected.getFieldCount());
      for (int i = 0; i < selected.getFieldCount(); i++) {
        copy.setField(i, RowData.createFieldGetter(selected.getTypeAt(i), i).getFieldOrNull(row));
      }
      return copy;
    }

    /** The columns that silver adds to every row. */
    RowData added(RowData merged) {
      return part(merged, contract.getFieldCount(), fields.length);
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
