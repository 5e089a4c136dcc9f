package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import io.medallion.services.status.Latency;
import io.medallion.services.status.Logs;
import io.medallion.services.status.PipelineStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WritePageTest {
  private static final String HOSTILE =
      "</script><script>alert(1)</script><img src='//x/\"'>${data}&";

  @Test
  void whatComesFromDataIsTextEverywhere() throws Exception {
    // When
    String page = page(HOSTILE).replace(WritePage.echarts(), "");

    // Then
    assertThat(page)
        .doesNotContain("<script>alert", "<img", "//x/\"")
        .contains(
            "<h1>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&#39;//x/&quot;&#39;&gt;${data}&amp; <span");
    assertThat(Pattern.compile("</script>").matcher(page).results()).hasSize(3);
    JsonNode plots =
        new ObjectMapper().readTree(script(page, "type=\"application/json\" id=\"plots\""));
    assertThat(plots.get(0).get("series").get(0).get("name").textValue()).isEqualTo(HOSTILE);
    assertThat(plots.get(0).get("categories").get(0).textValue()).isEqualTo(HOSTILE);
  }

  @Test
  void aPageSaysWhoseItIsAndWhenItWasMade() {
    assertThat(page("orders").replace(WritePage.echarts(), ""))
        .contains(
            "<title>orders, 1 Jan 2026, 00:00:48 UTC: Medallion report</title>",
            "Medallion report of 1 Jan 2026, 00:00:48 UTC. 6 commits of 38.0 s, the first at 1 Jan 2026, 00:00:10 UTC.",
            "Freshness objective 30.0 s.",
            "<td data-name=\"value\">1.0</td>")
        .doesNotContain("${");
  }

  @Test
  void nothingInThePageAsksForAnythingElse() {
    // When
    String page = page("orders");
    String own = page.replace(WritePage.echarts(), "");

    // Then
    assertThat(own)
        .contains(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-")
        .doesNotContain("http:", "https:", " src=", "<link", "url(", "@import");
    assertThat(WritePage.echarts())
        .hasSizeGreaterThan(500_000)
        .contains("Licensed to the Apache Software Foundation")
        .doesNotContain(
            "XMLHttpRequest",
            "fetch(",
            "import(",
            "importScripts",
            "WebSocket",
            "sendBeacon",
            "</script",
            "<!--");
    // Names of XML dialects and of licences, which nobody asks for.
    assertThat(
            Pattern.compile("https?://([^/\"]+)")
                .matcher(WritePage.echarts())
                .results()
                .map(match -> match.group(1))
                .distinct())
        .containsExactlyInAnyOrder("www.apache.org", "www.w3.org", "github.com");
  }

  @Test
  void aPlotWithoutPointsSaysSo() {
    // When
    String page =
        WritePage.of(status("orders"), history(), List.of(DrawLatency.of(new Latency(List.of()))));

    // Then
    assertThat(page.contains("<p class=\"nothing\">Nothing to draw yet.</p>")).isTrue();
    assertThat(script(page, "type=\"application/json\" id=\"plots\"")).isEqualTo("[]");
  }

  private static String script(String page, String attributes) {
    Matcher script =
        Pattern.compile("<script " + attributes + ">(.*?)</script>", Pattern.DOTALL).matcher(page);
    assertThat(script.find()).isTrue();
    return script.group(1);
  }

  private static String page(String name) {
    Plot plot =
        new Plot(
            "files",
            name,
            name,
            name,
            Shape.COLUMNS,
            Unit.FILES,
            List.of(name),
            List.of(new Series(name, "", List.of(new Point(0, 1)))),
            List.of(),
            List.of(List.of("table", "value"), List.of(name, "1.0")));
    return WritePage.of(status(name), history(), List.of(plot));
  }

  private static PipelineStatus status(String name) {
    return new PipelineStatus(
        name,
        Logs.at(48),
        Duration.ofSeconds(30),
        Duration.ofMinutes(15),
        List.of(),
        new Latency(List.of()),
        List.of(name));
  }

  private static History history() {
    return new History(
        Logs.START, Logs.at(48), Logs.ofTwentySeconds().logs(48), Map.of(), List.of());
  }
}
