package io.medallion.io;

import java.util.function.Supplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Every metric of ours and its name: group {@code medallion} of the operator that counts. */
final class JobMetrics {
  private final MetricGroup group;
  private long newestEventTime = Progress.NO_EVENT_TIME;

  JobMetrics(MetricGroup operator) {
    group = operator.addGroup("medallion");
  }

  /**
   * A total of {@link Progress}, e.g. {@code medallion.applied}; for each rule {@code
   * medallion.rule.<rule>.quarantined} and {@code medallion.rule.<rule>.warned}.
   */
  void total(String counter, Supplier<Long> total) {
    int dot = counter.indexOf('.');
    if (dot < 0) {
      group.gauge(counter, (Gauge<Long>) total::get);
    } else {
      group
          .addGroup("rule", counter.substring(dot + 1))
          .gauge(counter.substring(0, dot), (Gauge<Long>) total::get);
    }
  }

  /**
   * {@code medallion.event_time_lag_ms}: now less the newest event time that passed the operator.
   */
  void eventTime(long time) {
    if (newestEventTime == Progress.NO_EVENT_TIME) {
      group.gauge(
          "event_time_lag_ms", (Gauge<Long>) () -> System.currentTimeMillis() - newestEventTime);
    }
    newestEventTime = time;
  }
}
