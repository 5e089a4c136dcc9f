package io.medallion.services.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A status for a program; {@code docs/status.md} lists the fields, which stay. */
final class StatusJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private StatusJson() {}

  /** A document of many lines. */
  static String of(PipelineStatus status) {
    return write(JSON.writerWithDefaultPrettyPrinter(), status);
  }

  /** A document in one line. */
  static String line(PipelineStatus status) {
    return write(JSON.writer(), status);
  }

  private static String write(ObjectWriter writer, PipelineStatus status) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("pipeline", status.pipeline())
            .put("time", status.now().toString())
            .put("state", status.state().label())
            .put("objective-s", seconds(status.objective()))
            .put("window-s", seconds(status.window()));
    ArrayNode tables = root.putArray("tables");
    status.layers().forEach(layer -> write(layer, tables));
    write(status.latency(), root.putObject("latency"));
    status.notices().forEach(root.putArray("notices")::add);
    try {
      return writer.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static void write(LayerStatus layer, ArrayNode tables) {
    ObjectNode node =
        tables
            .addObject()
            .put("table", layer.table().qualifiedName())
            .put("state", layer.state().label())
            .put("cause", layer.cause())
            .put("rows", layer.rows());
    layer
        .newest()
        .ifPresent(
            commit ->
                node.put("last-commit", commit.instant())
                    .put("visible-at", commit.visibleAt().toString()));
    put(node, "event-age-s", layer.eventAge());
    put(node, "arrival-age-s", layer.arrivalAge());
    ObjectNode waiting =
        node.putObject("waiting")
            .put("records", layer.waiting().records())
            .put("commits", layer.waiting().commits());
    layer.waiting().since().ifPresent(since -> waiting.put("since", since.toString()));
    node.put("commits-per-minute", layer.commitsPerMinute());
    layer.met().ifPresent(met -> node.put("objective-met", met));
    node.putObject("files")
        .put("base", layer.files().base())
        .put("small", layer.files().small())
        .put("log", layer.files().log())
        .put("bytes", layer.files().bytes());
    ObjectNode quarantined = node.putObject("quarantined");
    layer.progress().quarantinedByRule().forEach(quarantined::put);
  }

  private static void write(Latency latency, ObjectNode node) {
    node.put("records", latency.records());
    put(node, "p50-s", latency.quantile(0.5));
    put(node, "p95-s", latency.quantile(0.95));
    put(node, "p99-s", latency.quantile(0.99));
    ArrayNode parts = node.putArray("histogram");
    List<Long> counts = latency.histogram();
    for (int i = 0; i < counts.size(); i++) {
      ObjectNode part = parts.addObject();
      if (i < Latency.BOUNDS_S.size()) {
        part.put("up-to-s", Latency.BOUNDS_S.get(i));
      }
      part.put("records", counts.get(i));
    }
  }

  private static void put(ObjectNode node, String name, Optional<Duration> duration) {
    duration.ifPresent(known -> node.put(name, seconds(known)));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
