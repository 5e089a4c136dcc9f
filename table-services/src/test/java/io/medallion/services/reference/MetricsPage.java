package io.medallion.services.reference;

import static io.medallion.services.reference.MarkdownTable.code;

import io.medallion.io.JobMetrics;

/** {@code docs/metrics.md}: what the jobs count beside Flink's own metrics. */
final class MetricsPage {
  private MetricsPage() {}

  static String text() {
    MarkdownTable metrics =
        new MarkdownTable("metric", "Prometheus name", "job", "meaning, for one subtask");
    JobMetrics.all()
        .forEach(
            metric ->
                metrics.row(
                    code(metric.identifier()),
                    code(metric.prometheusName()),
                    metric.job(),
                    metric.meaning()));
    return """
        # Metrics

        What the jobs measure beside [Flink's own metrics](https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/ops/metrics/).
        All are gauges of one subtask of an operator: add the subtasks up, except for `event_time_lag_ms`, of which take the largest. Totals
        count from the start of the task and begin again at a restart; the totals since a table's first commit are in its commits.

        Flink's full name is `<host>.taskmanager.<tm_id>.<job_name>.<operator_name>.<subtask_index>.` and the name below. Prometheus has
        these as labels (`job_name`, `operator_name`, `subtask_index`, ...), and `rule` or `column` for the metrics of rules and columns. `flink-conf` opens the
        reporter on the first free port from 9249 on.

        %s
        The totals are also in the metadata of every commit of the job's tables, without a metrics system: a reader of the timeline knows how
        far the job had come. Made from the code by ReferencePagesTest.
        """
        .formatted(metrics);
  }
}
