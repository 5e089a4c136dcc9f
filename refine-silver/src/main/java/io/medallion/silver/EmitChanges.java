package io.medallion.silver;

import io.medallion.io.Progress;
import io.medallion.io.ProgressReporter;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.TableDefinition;
import javax.annotation.Nullable;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;

/**
 * Emits what makes one row of a silver table another, and counts it. A row that moves to another
 * partition is deleted there and inserted here. Not thread-safe.
 */
final class EmitChanges {
  private final KeyText partition;
  private final SameContent same;
  private final Output<StreamRecord<RowData>> output;
  private final ProgressReporter progress;

  EmitChanges(
      TableDefinition silver, Output<StreamRecord<RowData>> output, ProgressReporter progress) {
    this.partition = new KeyText(silver.columns(), silver.partitionBy());
    this.same = new SameContent(silver.columns());
    this.output = output;
    this.progress = progress;
  }

  /**
   * Emits the change of a row; nothing when it stays as it was.
   *
   * @param before the row as readers saw it, or null when there was none
   * @param after the row as they see it now, or null when there is none
   */
  void change(@Nullable RowData before, @Nullable RowData after) {
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
    } else if (!same.test(before, after)) {
      emit(RowKind.UPDATE_BEFORE, before);
      emit(RowKind.UPDATE_AFTER, after);
    }
  }

  private void emit(RowKind kind, RowData row) {
    progress.count(Progress.CHANGES, 1);
    progress.count(Progress.ROWS, kind == RowKind.INSERT ? 1 : kind == RowKind.DELETE ? -1 : 0);
    row.setRowKind(kind);
    output.collect(new StreamRecord<>(row));
  }
}
