package io.medallion.io;

import java.io.FileNotFoundException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.ExceptionUtils;
import org.apache.hudi.table.format.mor.MergeOnReadInputFormat;
import org.apache.hudi.table.format.mor.MergeOnReadInputSplit;

/** Reads what {@link PlanReads} names, each split whole; so there is nothing to keep in state. */
final class ReadFiles extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<MergeOnReadInputSplit, RowData> {
  private static final long serialVersionUID = 1L;

  private final MergeOnReadInputFormat format;
  private final String table;

  ReadFiles(MergeOnReadInputFormat format, String table) {
    this.format = format;
    this.table = table;
  }

  @Override
  public void processElement(StreamRecord<MergeOnReadInputSplit> element) throws Exception {
    MergeOnReadInputSplit split = element.getValue();
    StreamRecord<RowData> row = new StreamRecord<>(null);
    try {
      format.open(split);
      while (!format.reachedEnd()) {
        output.collect(row.replace(format.nextRecord(null)));
      }
    } catch (Exception failure) {
      if (ExceptionUtils.findThrowable(failure, FileNotFoundException.class).isPresent()) {
        throw new IllegalStateException(
            "Files of commit %s of %s are gone before they were read: %s. Nothing was skipped; the tables behind %s must be rebuilt from what is left of it, or the files restored."
                .formatted(split.getLatestCommit(), table, split, table),
            failure);
      }
      throw failure;
    } finally {
      format.close();
    }
  }
}
