package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.services.Ages;
import io.medallion.services.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A status for a reader: the layers side by side, then what is to be said of them. */
public final class StatusText {
  private StatusText() {}

  static String of(PipelineStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s   objective %s, judged over %s"
            .formatted(
                status.pipeline(),
                status.state(),
                Ages.of(status.objective()),
                Ages.of(status.window())));
    lines.add("");
    lines.addAll(TextTable.lines(layers(status)));
    lines.add("");
    lines.addAll(notes(status));
    lines.add(latency(status));
    for (LayerStatus layer : status.layers()) {
      List<List<String>> rules = new ArrayList<>();
      for (Map.Entry<String, Long> rule : layer.progress().quarantinedByRule().entrySet()) {
        rules.add(List.of("  " + rule.getKey(), "%,d".formatted(rule.getValue())));
      }
      if (!rules.isEmpty()) {
        lines.add("quarantined by rule");
        lines.addAll(TextTable.lines(rules));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** A head, and one row for each layer. */
  public static List<List<String>> layers(PipelineStatus status) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "table",
            "state",
            "rows",
            "last commit",
            "event age",
            "arrival age",
            "waiting",
            "commits/min",
            "files",
            "small",
            "logs",
            "objective met"));
    for (LayerStatus layer : status.layers()) {
      rows.add(
          List.of(
              layer.table().qualifiedName(),
              layer.state().label(),
              "%,d".formatted(layer.rows()),
              age(
                  layer
                      .newest()
                      .map(Commit::visibleAt)
                      .map(visible -> Ages.since(visible, status.now()))),
              age(layer.eventAge()),
              age(layer.arrivalAge()),
              "%,d".formatted(layer.waiting().records()),
              String.format(Locale.ROOT, "%.1f", layer.commitsPerMinute()),
              "%,d".formatted(layer.files().base()),
              "%,d".formatted(layer.files().small()),
              "%,d".formatted(layer.files().log()),
              layer
                  .met()
                  .map(met -> String.format(Locale.ROOT, "%.1f %%", Math.floor(met * 1000) / 10))
                  .orElse("-")));
    }
    return rows;
  }

  /** What keeps a layer, and the notices. */
  public static List<String> notes(PipelineStatus status) {
    List<String> notes = new ArrayList<>();
    for (LayerStatus layer : status.layers()) {
      if (!layer.cause().isEmpty()) {
        notes.add("%s: %s".formatted(layer.table().qualifiedName(), layer.cause()));
      }
    }
    notes.addAll(status.notices());
    return notes;
  }

  private static String latency(PipelineStatus status) {
    Latency latency = status.latency();
    return latency
        .quantile(0.5)
        .map(
            median ->
                "latency from Kafka to the last layer: p50 %s, p95 %s, p99 %s of %,d records"
                    .formatted(
                        Ages.of(median),
                        Ages.of(latency.quantile(0.95).orElseThrow()),
                        Ages.of(latency.quantile(0.99).orElseThrow()),
                        latency.records()))
        .orElse("latency from Kafka to the last layer: no records in this time");
  }

  private static String age(Optional<Duration> age) {
    return age.map(Ages::of).orElse("-");
  }
}
