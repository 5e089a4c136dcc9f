package io.medallion.silver;

import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/** Counts the rows on their way into the quarantine table, for the commits of that table. */
final class CountQuarantined extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  @Override
  public void processElement(StreamRecord<RowData> element) {
    progress().count(Progress.ROWS, 1);
    progress().count(Progress.CHANGES, 1);
    output.collect(element);
  }
}
