package io.medallion.io;

import java.util.List;
import java.util.function.Supplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Every metric of ours and its name: group {@code medallion} of the operator that counts. */
public final class JobMetrics {
  private static final String GROUP = "medallion";
  private static final String RULE = "rule";
  private static final String COLUMN = "column";
  private static final String EVENT_TIME_LAG = "event_time_lag_ms";

  private static final List<Metric> ALL =
      List.of(
          metric(
              Progress.INPUT, "all", "Rows read: Kafka records, bronze records, silver changes."),
          metric(Progress.CHANGES, "all", "Rows written to the table, every change counted."),
          metric(Progress.ROWS, "all", "Rows in the table: inserted less deleted."),
          metric(
              Progress.APPLIED,
              "refine-silver",
              "Events that changed a silver row, reversals excepted."),
          metric(
              Progress.SUPERSEDED,
              "refine-silver",
              "Events older than what silver holds of their key."),
          metric(Progress.DUPLICATE, "refine-silver", "Events that silver holds already."),
          metric(
              Progress.DELETED,
              "refine-silver",
              "Reversals that took effect: each ended a record, or keeps older events from making one."),
          metric(
              Progress.PENDING,
              "refine-silver",
              "Corrections that wait for their record. Goes up and down; more and more of them mean that"
                  + " records are missing."),
          metric(
              Progress.QUARANTINED,
              "refine-silver",
              "Events in quarantine; add up all operators, the replay counts what left it below zero."),
          metric(
              Progress.REPLAYED,
              "refine-silver",
              "Events that were in quarantine and that a replay has brought into silver."),
          new Metric(
              Progress.QUARANTINED_BY.replace(".", ""),
              RULE,
              "refine-silver",
              "Events in quarantine that broke this rule, added up likewise; an event that broke two counts in both."),
          new Metric(
              Progress.WARNED_BY.replace(".", ""),
              RULE,
              "refine-silver",
              "Events that broke this rule, which only warns, and went on."),
          metric(
              Progress.FUTURE,
              "all",
              "Events whose event time lies more than a minute in the future; they do not count as the newest."),
          metric(
              Progress.INSERTS,
              "refine-silver",
              "Events that insert or replace a row and are not in quarantine."),
          new Metric(
              Progress.NULL_IN.replace(".", ""),
              COLUMN,
              "refine-silver",
              "Those of them without a value in this column; of columns that a gate names."),
          metric(
              EVENT_TIME_LAG,
              "all",
              "Milliseconds: now less the newest event time that passed the subtask. In bronze that is Kafka's"
                  + " timestamp; in silver the column of order-by, or Kafka's timestamp where that is a whole"
                  + " number; in gold the column of order-by, and no metric where it is no TIMESTAMP."));

  private final MetricGroup group;
  private long newestEventTime = Progress.NO_EVENT_TIME;

  JobMetrics(MetricGroup operator) {
    group = operator.addGroup(GROUP);
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
              counter.startsWith(Progress.NULL_IN) ? COLUMN : RULE, counter.substring(dot + 1))
          .gauge(counter.substring(0, dot), (Gauge<Long>) total::get);
    }
  }

  /**
   * {@code medallion.event_time_lag_ms}: now less the newest event time that passed the operator.
   */
  void eventTime(long time) {
    if (newestEventTime == Progress.NO_EVENT_TIME) {
      group.gauge(EVENT_TIME_LAG, (Gauge<Long>) () -> System.currentTimeMillis() - newestEventTime);
    }
    newestEventTime = Math.max(newestEventTime, time);
  }

  /** Every metric, as {@code docs/metrics.md} shows it. */
  public static List<Metric> all() {
    return ALL;
  }

  private static Metric metric(String name, String job, String meaning) {
    return new Metric(name, "", job, meaning);
  }

  /**
   * One metric.
   *
   * @param name its own name
   * @param each of what there is one each: {@code rule}, {@code column}, or empty
   * @param job the job that has it, or {@code all}
   * @param meaning what it counts
   */
  public record Metric(String name, String each, String job, String meaning) {
    /** The name within the operator, {@code medallion.rule.<rule>.warned}. */
    public String identifier() {
      return GROUP + (each.isEmpty() ? "." : "." + each + ".<" + each + ">.") + name;
    }

    /** The name that Prometheus scrapes, without labels. */
    public String prometheusName() {
      return "flink_taskmanager_job_task_operator_"
          + GROUP
          + (each.isEmpty() ? "_" : "_" + each + "_")
          + name;
    }
  }
}
