package io.medallion.services.reference;

import static io.medallion.services.reference.MarkdownTable.code;

import io.medallion.io.MetricCatalog;
import java.util.stream.Collectors;

/** {@code docs/metrics.md}: what the jobs and the status measure beside Flink's own metrics. */
final class MetricsPage {
  private MetricsPage() {}

  static String text() {
    MarkdownTable metrics =
        new MarkdownTable("metric", "Prometheus name", "job", "meaning, for one subtask");
    MetricCatalog.ofJobs()
        .forEach(
            metric ->
                metrics.row(
                    code(metric.identifier()),
                    code(metric.prometheusName()),
                    metric.job(),
                    metric.meaning()));
    MarkdownTable status = new MarkdownTable("metric", "labels", "meaning");
    MetricCatalog.ofStatus()
        .forEach(
            metric ->
                status.row(
                    code(metric.name()),
                    metric.labels().stream()
                        .map(MarkdownTable::code)
                        .collect(Collectors.joining(", ")),
                    metric.meaning()));
    return """
        # Metrics

        ## Of the status

        `medallion status --prometheus 9400` measures where a reader stands, from the tables' commits and what waits in Kafka, and so
        without the jobs: also while they are down. [status.md](status.md) says how. All are gauges; the window is that of `--window`.

        %s
        ## Of the jobs

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
        .formatted(status, metrics);
  }
}
