package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.checkpoint.CheckpointStatsTracker;
import org.apache.flink.runtime.metrics.MetricNames;
import org.junit.jupiter.api.Test;

class DashboardTest {
  private static final Map<String, Object> DASHBOARD =
      Repository.yaml("docker/grafana/dashboards/medallion.json");

  /** The scopes that Flink's Prometheus reporter puts before a metric's name. */
  private static final Pattern METRIC =
      Pattern.compile(
          "\\bflink_(?:jobmanager|taskmanager)(?:_job(?:_task(?:_operator)?)?)?_(\\w+)|\\b(medallion_\\w+)");

  @Test
  void everyMetricIsOneThatFlinkOrTheJobsReport() throws IllegalAccessException {
    Set<String> known = new LinkedHashSet<>(constantsOf(MetricNames.class));
    known.addAll(constantsOf(CheckpointStatsTracker.class));
    // Of flink-runtime's MetricUtils, which has no constants for them.
    known.add("Status_JVM_Memory_Heap_Used");
    known.add("Status_JVM_Memory_Metaspace_Used");

    List<String> metrics = new ArrayList<>();
    for (String expression : expressions()) {
      Matcher metric = METRIC.matcher(expression);
      assertThat(metric.find()).as(expression).isTrue();
      do {
        metrics.add(metric.group(1) == null ? metric.group(2) : metric.group(1));
      } while (metric.find());
    }

    assertThat(metrics)
        .hasSizeGreaterThan(15)
        .contains("medallion_event_time_lag_ms")
        .allSatisfy(
            name ->
                assertThat(known.contains(name) || name.startsWith("medallion_"))
                    .as(name)
                    .isTrue());
  }

  @Test
  void everyPanelReadsTheProvisionedDataSource() {
    Map<String, String> provisioned =
        Repository.scalars(
            Repository.yaml("docker/grafana/provisioning/datasources/prometheus.yaml"));
    String uid = provisioned.get("datasources[0].uid");

    assertThat(panels())
        .allSatisfy(
            panel -> assertThat(Repository.map(panel.get("datasource"))).containsEntry("uid", uid));
    assertThat(provisioned).containsEntry("datasources[0].url", "http://prometheus:9090");
  }

  @Test
  void everyPanelSaysWhatItShowsAndHasItsOwnPlace() {
    Set<Object> ids = new LinkedHashSet<>();
    Set<String> cells = new LinkedHashSet<>();
    for (Map<String, Object> panel : panels()) {
      assertThat(panel.get("title").toString()).isNotBlank();
      assertThat(panel.get("description").toString()).isNotBlank();
      assertThat(ids.add(panel.get("id"))).isTrue();
      Map<String, Object> at = Repository.map(panel.get("gridPos"));
      for (int x = 0; x < (int) at.get("w"); x++) {
        for (int y = 0; y < (int) at.get("h"); y++) {
          String cell = ((int) at.get("x") + x) + "," + ((int) at.get("y") + y);
          assertThat(cells.add(cell)).as(panel.get("title") + " at " + cell).isTrue();
        }
      }
    }
  }

  @Test
  void theDashboardIsWhereGrafanaLooksForIt() {
    Map<String, String> provider =
        Repository.scalars(
            Repository.yaml("docker/grafana/provisioning/dashboards/medallion.yaml"));
    Map<String, String> compose = Repository.scalars(Repository.yaml("docker/compose.yaml"));
    String folder = provider.get("providers[0].options.path");

    assertThat(compose.values())
        .contains("./grafana/dashboards:" + folder + ":ro", folder + "/medallion.json");
  }

  @Test
  void prometheusScrapesTheProcessesOfTheComposeFile() {
    Map<String, String> prometheus =
        Repository.scalars(Repository.yaml("docker/prometheus/prometheus.yaml"));
    Map<String, String> cluster =
        Repository.scalars(Repository.yaml("flink-conf/src/main/conf/config.yaml"));

    assertThat(Repository.map(Repository.yaml("docker/compose.yaml").get("services")))
        .containsKeys("jobmanager", "taskmanager", "status");
    assertThat(prometheus)
        .containsEntry("scrape_configs[0].static_configs[0].targets[0]", "jobmanager:9249")
        .containsEntry("scrape_configs[1].dns_sd_configs[0].names[0]", "taskmanager")
        .containsEntry("scrape_configs[1].dns_sd_configs[0].port", "9249")
        .containsEntry("scrape_configs[2].static_configs[0].targets[0]", "status:9400");
    assertThat(Repository.text("docker/status.sh")).contains(" status --prometheus 9400 ");
    assertThat(cluster.get("metrics.reporter.prom.port")).startsWith("9249");
  }

  private static List<Map<String, Object>> panels() {
    return Repository.list(DASHBOARD.get("panels")).stream()
        .map(Repository::map)
        .filter(panel -> !"row".equals(panel.get("type")))
        .toList();
  }

  private static List<String> expressions() {
    return panels().stream()
        .flatMap(panel -> Repository.list(panel.get("targets")).stream())
        .map(target -> Repository.map(target).get("expr").toString())
        .toList();
  }

  private static List<String> constantsOf(Class<?> type) throws IllegalAccessException {
    List<String> values = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (field.getType() == String.class) {
        field.setAccessible(true);
        values.add((String) field.get(null));
      }
    }
    return values;
  }
}
