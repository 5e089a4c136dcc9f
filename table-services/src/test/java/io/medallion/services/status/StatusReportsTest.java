package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.io.MetricCatalog;
import io.medallion.io.TableFiles;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** One status for a reader, for a program, and for Prometheus. */
class StatusReportsTest {
  private static final Duration OBJECTIVE = Duration.ofSeconds(30);
  private static final Duration WINDOW = Duration.ofMinutes(15);

  /** Silver's job is down since second 24, bronze goes on. */
  private static final PipelineStatus STATUS =
      status(Logs.ofTwentySeconds().bronze(30, 21, 29).bronze(40, 31, 39));

  @Test
  void aReaderSeesTheLayersSideBySideAndWhatKeepsThem() {
    assertThat(StatusText.of(STATUS))
        .isEqualTo(
            """
            p: stalled   objective 30.0 s, judged over 15 min

            table       state  rows  last commit  event age  arrival age  waiting  commits/min  files  small  logs  objective met
            bronze.t  healthy    40        8.0 s      9.0 s        9.0 s       70          4.0      3      2     1        100.0 %
            silver.t  stalled    20       24.0 s     29.0 s       29.0 s       20          2.0      3      2     1        100.0 %
            gold.t       idle    20       22.0 s     29.0 s       29.0 s        0          2.0      3      2     1        100.0 %

            silver.t: waiting: 20 rows in 2 commits of bronze.t, the first for 18.0 s; no commit for 24.0 s
            gold.t: silver.t brings nothing
            The clock of the producers is 300 s ahead of the storage's.
            latency from Kafka to the last layer: p50 4.0 s, p95 9.0 s, p99 9.0 s of 100 records
            """);
  }

  @Test
  void aProgramReadsTheSame() throws Exception {
    // When
    JsonNode root = new ObjectMapper().readTree(StatusJson.line(STATUS));

    // Then
    assertThat(StatusJson.line(STATUS).trim()).doesNotContain("\n");
    assertThat(new ObjectMapper().readTree(StatusJson.of(STATUS))).isEqualTo(root);
    assertThat(root.get("state").textValue()).isEqualTo("stalled");
    assertThat(root.get("objective-s").doubleValue()).isEqualTo(30);
    JsonNode silver = root.get("tables").get(1);
    assertThat(silver.get("table").textValue()).isEqualTo("silver.t");
    assertThat(silver.get("state").textValue()).isEqualTo("stalled");
    assertThat(silver.get("cause").textValue()).startsWith("waiting: 20 rows");
    assertThat(silver.get("arrival-age-s").doubleValue()).isEqualTo(29);
    assertThat(silver.get("waiting").get("commits").intValue()).isEqualTo(2);
    assertThat(silver.get("waiting").get("since").textValue()).isEqualTo("2026-01-01T00:00:30Z");
    assertThat(silver.get("objective-met").doubleValue()).isEqualTo(1);
    assertThat(silver.get("files").get("small").intValue()).isEqualTo(2);
    assertThat(root.get("latency").get("p95-s").doubleValue()).isEqualTo(9);
    assertThat(root.get("latency").get("histogram")).hasSize(12);
    assertThat(root.get("notices")).hasSize(1);
  }

  @Test
  void prometheusScrapesEveryMetricThatDashboardAndAlertsName() throws Exception {
    // When
    String text;
    try (HTTPServer server = StatusMetrics.serve(() -> STATUS, 0)) {
      text =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://localhost:%d/metrics".formatted(server.getPort())))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
    }

    // Then
    assertThat(text)
        .contains(
            "# TYPE medallion_state gauge",
            "medallion_state{layer=\"silver\",pipeline=\"p\",state=\"stalled\",table=\"silver.t\"} 1.0",
            "medallion_state{layer=\"silver\",pipeline=\"p\",state=\"idle\",table=\"silver.t\"} 0.0",
            "medallion_freshness_seconds{clock=\"arrival\",layer=\"gold\",pipeline=\"p\",table=\"gold.t\"} 29.0",
            "medallion_latency_seconds{pipeline=\"p\",quantile=\"0.95\"} 9.0",
            "medallion_waiting_seconds{layer=\"silver\",pipeline=\"p\",table=\"silver.t\"} 18.0",
            "medallion_notices{pipeline=\"p\"} 1.0");
    TreeSet<String> named = new TreeSet<>();
    for (String file :
        List.of(
            "../docker/grafana/dashboards/medallion.json", "../docker/prometheus/alerts.yaml")) {
      Pattern.compile("(?<![\\w])medallion_\\w+")
          .matcher(Files.readString(Path.of(file)))
          .results()
          .forEach(match -> named.add(match.group()));
    }
    assertThat(named).hasSizeGreaterThan(5);
    // Nothing is in quarantine here.
    assertThat(MetricCatalog.ofStatus().stream().map(MetricCatalog.StatusMetric::name))
        .containsAll(named)
        .allSatisfy(
            name -> {
              if (!name.equals(MetricCatalog.QUARANTINED_EVENTS)) {
                assertThat(text).contains("\n" + name + "{");
              }
            });
  }

  private static PipelineStatus status(Logs logs) {
    Waiting inKafka = new Waiting(70, 0, Optional.of(Logs.at(40.5)));
    return new PipelineStatus(
        "p",
        Logs.at(48),
        OBJECTIVE,
        WINDOW,
        new AssessLayers(Optional.of(inKafka), OBJECTIVE, Logs.at(48), WINDOW)
            .assess(logs.logs(48), table -> new TableFiles(3, 2, 1, 4096)),
        new Latency(
            List.of(
                new Latency.Sample(Duration.ofSeconds(4), 90),
                new Latency.Sample(Duration.ofSeconds(9), 10))),
        List.of("The clock of the producers is 300 s ahead of the storage's."));
  }
}
