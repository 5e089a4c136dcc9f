package io.medallion.io;

import java.util.function.Supplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** The gauges of one operator subtask, in its group {@code medallion}. */
public final class JobMetrics {
  private final MetricGroup group;
  private long newestEventTime = Progress.NO_EVENT_TIME;

  JobMetrics(MetricGroup operator) {
    group = operator.addGroup(MetricCatalog.GROUP);
  }

  /**
   * A total of {@link Progress}, e.g. {@code medallion.applied}; for each rule {@code
   * medallion.rule.<rule>.quarantined} and {@code medallion.rule.<rule>.warned}; for the columns of
   * gates {@code medallion.column.<column>.null}.
   */
  void total(String counter, Supplier<Long> total) {
    int dot = counter.indexOf('.');
    if (dot < 0) {
      group.gauge(counter, (Gauge<Long>) total::get);
    } else {
      group
          .addGroup(
              counter.startsWith(Progress.NULL_IN) ? MetricCatalog.COLUMN : MetricCatalog.RULE,
              counter.substring(dot + 1))
          .gauge(counter.substring(0, dot), (Gauge<Long>) total::get);
    }
  }

  /**
   * Of the operator that hands over commits: {@code medallion.commit_duration_ms}, {@code
   * medallion.last_commit_age_ms} and {@code medallion.freshness_ms}, the latter two -1 before the
   * first.
   */
  void commits(Supplier<LastCommit> last) {
    group.gauge(MetricCatalog.COMMIT_DURATION, (Gauge<Long>) () -> last.get().durationMs());
    group.gauge(
        MetricCatalog.COMMIT_AGE,
        (Gauge<Long>)
            () ->
                last.get().visibleAt() == 0
                    ? -1
                    : System.currentTimeMillis() - last.get().visibleAt());
    group.gauge(
        MetricCatalog.COMMITTED_FRESHNESS,
        (Gauge<Long>)
            () ->
                last.get().newestEvent() == Progress.NO_EVENT_TIME
                    ? -1
                    : System.currentTimeMillis() - last.get().newestEvent());
  }

  /** Of the operator that plans reads: {@code medallion.unread_commits}. */
  void unreadCommits(Supplier<Long> unread) {
    group.gauge(MetricCatalog.UNREAD_COMMITS, (Gauge<Long>) unread::get);
  }

  /**
   * {@code medallion.event_time_lag_ms}: now less the newest event time that passed the operator.
   */
  void eventTime(long time) {
    if (newestEventTime == Progress.NO_EVENT_TIME) {
      group.gauge(
          MetricCatalog.EVENT_TIME_LAG,
          (Gauge<Long>) () -> System.currentTimeMillis() - newestEventTime);
    }
    newestEventTime = Math.max(newestEventTime, time);
  }
}
