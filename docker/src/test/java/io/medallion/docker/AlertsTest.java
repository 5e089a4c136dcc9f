package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules in Prometheus' own promtool, where it is installed (Debian: prometheus). */
class AlertsTest {
  private static final String RULES = "docker/prometheus/alerts.yaml";

  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

  @TempDir Path folder;

  @BeforeEach
  void needsPromtool() {
    assumeThat(PROMTOOL).exists();
  }

  @Test
  void prometheusTakesTheConfigurationWithItsRules() throws Exception {
    assertThat(promtool("check", "rules", Repository.file(RULES).toString()))
        .contains("SUCCESS: 5 rules found");
    assertThat(
            promtool(
                "check", "config", Repository.file("docker/prometheus/prometheus.yaml").toString()))
        .contains("SUCCESS: 1 rule files found");
  }

  @Test
  void anAlertFiresWhenItShould() throws Exception {
    // Given a table that stands still for two minutes, then is behind; half of the time is met
    Path test =
        Files.writeString(
            folder.resolve("test.yaml"),
            """
            rule_files: [%s]
            evaluation_interval: 30s
            tests:
              - interval: 30s
                input_series:
                  - series: 'medallion_state{pipeline="p", layer="gold", table="gold.t", state="stalled"}'
                    values: '0 1x4 0x30'
                  - series: 'medallion_state{pipeline="p", layer="gold", table="gold.t", state="catching-up"}'
                    values: '0x4 1x30'
                  - series: 'medallion_objective_met_ratio{pipeline="p", layer="gold", table="gold.t"}'
                    values: '0.5x34'
                  - series: 'medallion_notices{pipeline="p"}'
                    values: '1x34'
                  - series: 'up{job="status"}'
                    values: '1x10 0x24'
                alert_rule_test:
                  - {eval_time: 1m, alertname: MedallionStalled, exp_alerts: []}
                  - eval_time: 2m
                    alertname: MedallionStalled
                    exp_alerts:
                      - exp_labels: {severity: critical, pipeline: p, layer: gold, table: gold.t, state: stalled}
                        exp_annotations:
                          summary: "gold.t stands still"
                          description: "Something waits for gold.t of pipeline p, and nothing is committed. `medallion status` \\
            says what and for how long; the job of the layer gold in Flink's web UI says why."
                  - {eval_time: 4m, alertname: MedallionStalled, exp_alerts: []}
                  - {eval_time: 4m, alertname: MedallionCatchingUp, exp_alerts: []}
                  - eval_time: 15m
                    alertname: MedallionCatchingUp
                    exp_alerts:
                      - exp_labels: {severity: warning, pipeline: p, layer: gold, table: gold.t, state: catching-up}
                        exp_annotations:
                          summary: "gold.t is behind"
                          description: "gold.t of pipeline p has been later than the objective for ten minutes although it \\
            commits: more comes than the layer gold takes."
                  - eval_time: 6m
                    alertname: MedallionObjectiveMissed
                    exp_alerts:
                      - exp_labels: {severity: warning, pipeline: p, layer: gold, table: gold.t}
                        exp_annotations:
                          summary: "gold.t meets its freshness objective too seldom"
                          description: "In the window of `medallion status`, gold.t of pipeline p met the objective 50%% of the time."
                  - eval_time: 6m
                    alertname: MedallionNotice
                    exp_alerts:
                      - exp_labels: {severity: warning, pipeline: p}
                        exp_annotations:
                          summary: "Clocks differ, or Kafka does not answer"
                          description: "`medallion status` of pipeline p says which; ages are wrong until then."
                  - {eval_time: 6m, alertname: MedallionNotWatched, exp_alerts: []}
                  - eval_time: 8m
                    alertname: MedallionNotWatched
                    exp_alerts:
                      - exp_labels: {severity: critical, job: status}
                        exp_annotations:
                          summary: "Nobody measures the freshness"
                          description: "`medallion status --prometheus` does not answer, so none of the other alerts can fire."
            """
                .formatted(Repository.file(RULES).toAbsolutePath().normalize()));

    // Then
    assertThat(promtool("test", "rules", test.toString())).contains("SUCCESS");
  }

  private static String promtool(String... arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Stream.concat(Stream.of(PROMTOOL.toString()), Stream.of(arguments)).toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
