package io.medallion.io;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/**
 * Passes rows on and fails its first subtask once, in the third checkpoint of the job or a later
 * one. One plan at a time: it outlives the restart that it causes.
 */
final class FailOnce extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;
  private static final int FIRST_CHECKPOINT = 3;

  /** When the failure comes. */
  enum When {
    /** While the checkpoint is taken, after the writers have flushed. */
    WRITERS_HAVE_FLUSHED,
    /** When the checkpoint is complete, while the JobManager commits it. */
    CHECKPOINT_IS_COMPLETE
  }

  /** Waits until the writers have taken their part of a checkpoint. */
  @FunctionalInterface
  interface Flushed {
    void await(long checkpointId) throws Exception;
  }

  private static final AtomicInteger FAILURES = new AtomicInteger();
  private static final Map<Integer, Integer> RESTARTS = new ConcurrentHashMap<>();
  private static volatile Flushed flushed = checkpoint -> {};

  private final When when;

  FailOnce(When when) {
    this.when = when;
  }

  /** Starts a new plan. */
  static void plan(Flushed writers) {
    FAILURES.set(0);
    RESTARTS.clear();
    flushed = writers;
  }

  static int failures() {
    return FAILURES.get();
  }

  /** How often each subtask was started again. */
  static Map<Integer, Integer> restarts() {
    return Map.copyOf(RESTARTS);
  }

  @Override
  public void open() throws Exception {
    super.open();
    TaskInfo task = getRuntimeContext().getTaskInfo();
    RESTARTS.put(task.getIndexOfThisSubtask(), task.getAttemptNumber());
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    output.collect(element);
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    if (when == When.WRITERS_HAVE_FLUSHED && isDue(context.getCheckpointId())) {
      flushed.await(context.getCheckpointId());
      fail(context.getCheckpointId());
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    if (when == When.CHECKPOINT_IS_COMPLETE && isDue(checkpointId)) {
      fail(checkpointId);
    }
  }

  private boolean isDue(long checkpointId) {
    return checkpointId >= FIRST_CHECKPOINT
        && getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0
        && FAILURES.get() == 0;
  }

  private static void fail(long checkpointId) {
    FAILURES.incrementAndGet();
    throw new IllegalStateException("Planned failure in checkpoint " + checkpointId);
  }
}
