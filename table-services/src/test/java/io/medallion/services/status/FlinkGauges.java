package io.medallion.services.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Our gauges as Flink's REST interface has them, and its web UI from there. */
final class FlinkGauges {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;

  /**
   * @param url the web UI's address
   */
  FlinkGauges(String url) {
    this.url = url;
  }

  /** Those of a job, each the sum of its subtasks: operator, {@code medallion} and its own name. */
  Map<String, Long> of(String jobId) {
    Map<String, Long> gauges = new TreeMap<>();
    for (JsonNode task : get("/jobs/" + jobId).get("vertices")) {
      String path =
          "/jobs/%s/vertices/%s/subtasks/metrics".formatted(jobId, task.get("id").textValue());
      String ours =
          StreamSupport.stream(get(path).spliterator(), false)
              .map(metric -> metric.get("id").textValue())
              .filter(id -> id.contains(".medallion."))
              .map(id -> URLEncoder.encode(id, StandardCharsets.UTF_8))
              .collect(Collectors.joining(","));
      if (!ours.isEmpty()) {
        get(path + "?agg=sum&get=" + ours)
            .forEach(
                gauge -> gauges.put(gauge.get("id").textValue(), gauge.get("sum").longValue()));
      }
    }
    return gauges;
  }

  private JsonNode get(String path) {
    try (InputStream answer = URI.create(url + path).toURL().openStream()) {
      return JSON.readTree(answer);
    } catch (IOException noAnswer) {
      throw new UncheckedIOException(noAnswer);
    }
  }
}
