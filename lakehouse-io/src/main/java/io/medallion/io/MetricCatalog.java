package io.medallion.io;

import java.util.List;
import java.util.stream.Stream;

/** Every metric of ours and its name: those of the jobs and those of {@code medallion status}. */
public final class MetricCatalog {
  static final String GROUP = "medallion";
  static final String RULE = "rule";
  static final String COLUMN = "column";
  static final String EVENT_TIME_LAG = "event_time_lag_ms";
  static final String COMMIT_DURATION = "commit_duration_ms";
  static final String COMMIT_AGE = "last_commit_age_ms";
  static final String UNREAD_COMMITS = "unread_commits";
  static final String COMMITTED_FRESHNESS = "freshness_ms";

  public static final String STATE = "medallion_state";
  public static final String FRESHNESS = "medallion_freshness_seconds";
  public static final String OBJECTIVE = "medallion_objective_seconds";
  public static final String OBJECTIVE_MET = "medallion_objective_met_ratio";
  public static final String LATENCY = "medallion_latency_seconds";
  public static final String WAITING_RECORDS = "medallion_waiting_records";
  public static final String WAITING_COMMITS = "medallion_waiting_commits";
  public static final String WAITING = "medallion_waiting_seconds";
  public static final String LAST_COMMIT_AGE = "medallion_last_commit_age_seconds";
  public static final String COMMITS_PER_MINUTE = "medallion_commits_per_minute";
  public static final String TABLE_ROWS = "medallion_table_rows";
  public static final String TABLE_FILES = "medallion_table_files";
  public static final String TABLE_BYTES = "medallion_table_bytes";
  public static final String QUARANTINED_EVENTS = "medallion_quarantined_events";
  public static final String NOTICES = "medallion_notices";

  private static final List<String> OF_A_TABLE = List.of("pipeline", "layer", "table");

  private static final List<Metric> OF_JOBS =
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
              COMMIT_DURATION,
              "all",
              "Of the operator `commit TABLE`: milliseconds that the JobManager took for the table's newest commit."),
          metric(
              COMMIT_AGE,
              "all",
              "Of the same: milliseconds since that commit; -1 while the task knows of none."),
          metric(
              COMMITTED_FRESHNESS,
              "all",
              "Of the same: now less the largest event time that is committed, in milliseconds; -1 while the task"
                  + " knows of none."),
          metric(
              UNREAD_COMMITS,
              "refine-silver, aggregate-gold",
              "Of the operator `plan reads of TABLE`: commits of that table that wait to be read. What waits in Kafka is"
                  + " Flink's own `pendingRecords` of `read kafka`."),
          metric(
              EVENT_TIME_LAG,
              "all",
              "Milliseconds: now less the newest event time that passed the subtask. In bronze that is Kafka's"
                  + " timestamp; in silver the column of order-by, or Kafka's timestamp where that is a whole"
                  + " number; in gold the column of order-by, and no metric where it is no TIMESTAMP."));

  private static final List<StatusMetric> OF_STATUS =
      List.of(
          ofTable(STATE, "1 for the state that the table is in, 0 for the others.", "state"),
          ofTable(
              FRESHNESS,
              "Now less the newest time that a reader of the table sees: clock=event of event times, clock=arrival"
                  + " of Kafka's timestamps.",
              "clock"),
          ofPipeline(OBJECTIVE, "The freshness objective."),
          ofTable(
              OBJECTIVE_MET,
              "The share of the window in which no record had been in Kafka for longer than the objective without"
                  + " a reader of the table seeing it."),
          ofPipeline(
              LATENCY,
              "From Kafka's timestamp until readers of the last layer see the record, of the records of the window.",
              "quantile"),
          ofTable(
              WAITING_RECORDS,
              "Kafka records, or rows of the table before, that it has not taken."),
          ofTable(
              WAITING_COMMITS, "Commits of the table before that it has not taken; 0 for bronze."),
          ofTable(WAITING, "How long the first of them has been there; 0 when nothing waits."),
          ofTable(LAST_COMMIT_AGE, "Since when its newest commit is visible."),
          ofTable(COMMITS_PER_MINUTE, "Its commits in the window."),
          ofTable(TABLE_ROWS, "Its rows, as its commits count them."),
          ofTable(
              TABLE_FILES,
              "Files that a reader of the table as it is now opens: kind=base, kind=log, and kind=small for the base"
                  + " files below 100 MB.",
              "kind"),
          ofTable(TABLE_BYTES, "The size of these."),
          ofTable(QUARANTINED_EVENTS, "Events in quarantine that broke this rule.", "rule"),
          ofPipeline(
              NOTICES,
              "What the status has to say beside that: clocks that differ by more than a minute, Kafka that does not"
                  + " answer."));

  private MetricCatalog() {}

  /** The gauges of the jobs' operators. */
  public static List<Metric> ofJobs() {
    return OF_JOBS;
  }

  /** What {@code medallion status --prometheus} serves. */
  public static List<StatusMetric> ofStatus() {
    return OF_STATUS;
  }

  private static StatusMetric ofTable(String name, String meaning, String... labels) {
    return status(OF_A_TABLE, name, meaning, labels);
  }

  private static StatusMetric ofPipeline(String name, String meaning, String... labels) {
    return status(OF_A_TABLE.subList(0, 1), name, meaning, labels);
  }

  private static StatusMetric status(
      List<String> of, String name, String meaning, String... labels) {
    return new StatusMetric(name, Stream.concat(of.stream(), Stream.of(labels)).toList(), meaning);
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

  /**
   * A gauge of the status.
   *
   * @param name as Prometheus has it
   */
  public record StatusMetric(String name, List<String> labels, String meaning) {
    public StatusMetric {
      labels = List.copyOf(labels);
    }
  }
}
