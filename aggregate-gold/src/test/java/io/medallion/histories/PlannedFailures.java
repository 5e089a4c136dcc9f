package io.medallion.histories;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/**
 * When and where the job in this process fails, each failure once. One plan at a time: it outlives
 * the restarts that it causes.
 */
final class PlannedFailures {
  private static final Queue<Failure> PLANNED = new ArrayDeque<>();
  private static int happened;
  private static long records;
  private static boolean held;

  private PlannedFailures() {}

  /** Between which operators. */
  enum Place {
    BEFORE_SILVER,
    BETWEEN_SILVER_AND_GOLD,
    BEHIND_GOLD
  }

  /** At which moment. */
  enum Moment {
    ROW,
    BARRIER,
    CHECKPOINT_COMPLETE
  }

  /**
   * One failure.
   *
   * @param afterRecords so many records have come to silver before, those that came again included
   */
  record Failure(long afterRecords, Place place, Moment moment) {}

  static synchronized void plan(List<Failure> failures) {
    PLANNED.clear();
    failures.stream().sorted(Comparator.comparingLong(Failure::afterRecords)).forEach(PLANNED::add);
    happened = 0;
    records = 0;
    held = false;
  }

  /** Lets nothing fail for a while. */
  static synchronized void hold(boolean hold) {
    held = hold;
  }

  static synchronized int happened() {
    return happened;
  }

  static synchronized int ahead() {
    return PLANNED.size();
  }

  private static synchronized void pass(Place place, Moment moment) {
    if (place == Place.BEFORE_SILVER && moment == Moment.ROW) {
      records++;
    }
    Failure next = PLANNED.peek();
    if (next != null
        && !held
        && next.place == place
        && next.moment == moment
        && records > next.afterRecords) {
      PLANNED.remove();
      happened++;
      throw new IllegalStateException("Planned: " + next);
    }
  }

  /** Passes rows on and fails as planned for its place. */
  static final class FailAsPlanned extends AbstractStreamOperator<RowData>
      implements OneInputStreamOperator<RowData, RowData> {
    private static final long serialVersionUID = 1L;

    private final Place place;

    FailAsPlanned(Place place) {
      this.place = place;
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
      pass(place, Moment.ROW);
      output.collect(element);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
      super.snapshotState(context);
      pass(place, Moment.BARRIER);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
      super.notifyCheckpointComplete(checkpointId);
      pass(place, Moment.CHECKPOINT_COMPLETE);
    }
  }
}
