package io.medallion.services.status;

import io.medallion.io.MetricCatalog;
import io.medallion.io.MetricCatalog.StatusMetric;
import io.medallion.services.Ages;
import io.medallion.services.ReportOnly;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A pipeline's status for Prometheus: every scrape looks anew. */
final class StatusMetrics implements MultiCollector {
  private static final List<Double> QUANTILES = List.of(0.5, 0.95, 0.99);

  private final Supplier<PipelineStatus> look;

  StatusMetrics(Supplier<PipelineStatus> look) {
    this.look = look;
  }

  /**
   * Serves {@code /metrics} until it is closed.
   *
   * @throws IOException if the port is taken
   */
  static HTTPServer serve(Supplier<PipelineStatus> look, int port) throws IOException {
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(new StatusMetrics(look));
    return HTTPServer.builder().port(port).registry(registry).buildAndStart();
  }

  /** One at a time: a look remembers what it has read. */
  @Override
  public synchronized MetricSnapshots collect() {
    PipelineStatus status = ReportOnly.during(look);
    Gauges gauges = new Gauges();
    List<String> pipeline = List.of(status.pipeline());
    gauges.set(MetricCatalog.OBJECTIVE, seconds(status.objective()), pipeline);
    gauges.set(MetricCatalog.NOTICES, status.notices().size(), pipeline);
    for (double quantile : QUANTILES) {
      status
          .latency()
          .quantile(quantile)
          .ifPresent(
              latency ->
                  gauges.set(
                      MetricCatalog.LATENCY, seconds(latency), pipeline, String.valueOf(quantile)));
    }
    for (LayerStatus layer : status.layers()) {
      collect(status, layer, gauges);
    }
    return gauges.snapshots();
  }

  private static void collect(PipelineStatus status, LayerStatus layer, Gauges gauges) {
    List<String> table =
        List.of(status.pipeline(), layer.table().layer().database(), layer.table().qualifiedName());
    for (FreshnessState state : FreshnessState.values()) {
      gauges.set(MetricCatalog.STATE, state == layer.state() ? 1 : 0, table, state.label());
    }
    layer
        .eventAge()
        .ifPresent(age -> gauges.set(MetricCatalog.FRESHNESS, seconds(age), table, "event"));
    layer
        .arrivalAge()
        .ifPresent(age -> gauges.set(MetricCatalog.FRESHNESS, seconds(age), table, "arrival"));
    layer.met().ifPresent(met -> gauges.set(MetricCatalog.OBJECTIVE_MET, met, table));
    gauges.set(MetricCatalog.WAITING_RECORDS, layer.waiting().records(), table);
    gauges.set(MetricCatalog.WAITING_COMMITS, layer.waiting().commits(), table);
    gauges.set(
        MetricCatalog.WAITING,
        layer.waiting().since().map(since -> seconds(Ages.since(since, status.now()))).orElse(0.0),
        table);
    layer
        .newest()
        .ifPresent(
            commit ->
                gauges.set(
                    MetricCatalog.LAST_COMMIT_AGE,
                    seconds(Ages.since(commit.visibleAt(), status.now())),
                    table));
    gauges.set(MetricCatalog.COMMITS_PER_MINUTE, layer.commitsPerMinute(), table);
    gauges.set(MetricCatalog.TABLE_ROWS, layer.rows(), table);
    gauges.set(MetricCatalog.TABLE_FILES, layer.files().base(), table, "base");
    gauges.set(MetricCatalog.TABLE_FILES, layer.files().small(), table, "small");
    gauges.set(MetricCatalog.TABLE_FILES, layer.files().log(), table, "log");
    gauges.set(MetricCatalog.TABLE_BYTES, layer.files().bytes(), table);
    layer
        .progress()
        .quarantinedByRule()
        .forEach(
            (rule, events) -> gauges.set(MetricCatalog.QUARANTINED_EVENTS, events, table, rule));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  /** Values as the catalog names them. */
  private static final class Gauges {
    private final Map<String, StatusMetric> catalog = new TreeMap<>();
    private final Map<String, List<GaugeDataPointSnapshot>> values = new TreeMap<>();

    Gauges() {
      MetricCatalog.ofStatus().forEach(metric -> catalog.put(metric.name(), metric));
    }

    /**
     * @param more label values behind the first ones
     */
    void set(String name, Number value, List<String> labels, String... more) {
      List<String> all = new ArrayList<>(labels);
      all.addAll(List.of(more));
      values
          .computeIfAbsent(name, first -> new ArrayList<>())
          .add(
              GaugeDataPointSnapshot.builder()
                  .labels(Labels.of(catalog.get(name).labels(), all))
                  .value(value.doubleValue())
                  .build());
    }

    MetricSnapshots snapshots() {
      MetricSnapshots.Builder all = MetricSnapshots.builder();
      values.forEach(
          (name, points) -> {
            GaugeSnapshot.Builder gauge =
                GaugeSnapshot.builder().name(name).help(catalog.get(name).meaning());
            points.forEach(gauge::dataPoint);
            all.metricSnapshot(gauge.build());
          });
      return all.build();
    }
  }
}
