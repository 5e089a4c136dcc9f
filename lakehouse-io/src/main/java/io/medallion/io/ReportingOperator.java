package io.medallion.io;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/**
 * An operator whose counts the commits of its job carry: handed to {@link Lakehouse#write}, they
 * flow beside the rows and belong to the same checkpoint.
 */
public abstract class ReportingOperator extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private transient ProgressReporter progress;

  protected ReportingOperator() {
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void open() throws Exception {
    super.open();
    progress = new ProgressReporter(new JobMetrics(getMetricGroup()));
  }

  /** Where this subtask reports. */
  protected final ProgressReporter progress() {
    return progress;
  }

  /** Sends on what was counted since the last checkpoint; rows must be emitted before. */
  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    Progress counted = progress.take();
    if (!counted.equals(Progress.NONE)) {
      output.collect(CommitPart.REPORTS, new StreamRecord<>(CommitPart.report(counted)));
    }
  }
}
