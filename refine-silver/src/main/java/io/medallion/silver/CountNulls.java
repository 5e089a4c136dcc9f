package io.medallion.silver;

import io.medallion.io.Progress;
import io.medallion.io.ProgressReporter;
import io.medallion.schemas.Gate.NullShare;
import io.medallion.schemas.SilverDefinition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.data.RowData;

/** Counts the events that insert or replace a row, and what they leave out of gated columns. */
final class CountNulls implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<Column> columns = new ArrayList<>();

  CountNulls(SilverDefinition silver) {
    silver.gates().stream()
        .filter(NullShare.class::isInstance)
        .map(gate -> ((NullShare) gate).column())
        .forEach(
            column ->
                columns.add(
                    new Column(Progress.NULL_IN + column, silver.columns().getFieldIndex(column))));
  }

  /**
   * @param row the SELECT of an event
   */
  void count(RowData row, ProgressReporter progress) {
    progress.count(Progress.INSERTS, 1);
    for (Column column : columns) {
      if (row.isNullAt(column.index)) {
        progress.count(column.counter, 1);
      }
    }
  }

  private record Column(String counter, int index) implements Serializable {}
}
