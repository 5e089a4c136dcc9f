package io.medallion.io;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;

/**
 * What a job reads, and beside it how far it has read.
 *
 * @param rows the rows
 * @param reports for {@link Lakehouse#write}
 */
public record Input(DataStream<RowData> rows, DataStream<Row> reports) {
  /** The side output of everything that reports. */
  public static final OutputTag<Row> REPORTS = CommitPart.REPORTS;

  /** What the subtasks of a {@link ReportingOperator} count, for {@link Lakehouse#write}. */
  public static DataStream<Row> reports(SingleOutputStreamOperator<?> operator) {
    return operator.getSideOutput(REPORTS);
  }

  /** What a report says. */
  public static Progress progress(Row report) {
    return CommitPart.progress(report);
  }
}
