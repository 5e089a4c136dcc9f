package io.medallion.services.demo;

import io.medallion.io.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The demo's state as text: a screen for a terminal, a line for a log. */
final class RenderView {
  private static final int RULES = 8;

  private RenderView() {}

  /** A screen, without any control characters. */
  static String screen(DemoState state) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "  %s   %s   web UI %s".formatted(state.pipeline(), clock(state.elapsed()), state.webUi()));
    lines.add("  sent %,d events, %,d per second".formatted(state.sent(), state.perSecond()));
    state.notices().forEach(notice -> lines.add("  " + notice));
    lines.add("");
    List<List<String>> tables = new ArrayList<>();
    tables.add(List.of("table", "rows", "freshness"));
    for (LayerState layer : state.layers()) {
      tables.add(
          List.of(
              layer.table().qualifiedName(),
              "%,d".formatted(layer.rows()),
              freshness(layer.freshness(state.now()))));
    }
    lines.addAll(columns(tables));
    lines.add("");
    long pending = state.silver().progress().counter(Progress.PENDING);
    lines.add(
        "  quarantined %,d events, waiting for their record %,d corrections"
            .formatted(state.silver().progress().counter(Progress.QUARANTINED), pending));
    List<List<String>> rules = new ArrayList<>();
    state.silver().progress().quarantinedByRule().entrySet().stream()
        .sorted((one, other) -> Long.compare(other.getValue(), one.getValue()))
        .limit(RULES)
        .forEach(
            rule -> rules.add(List.of("  " + rule.getKey(), "%,d".formatted(rule.getValue()))));
    lines.addAll(columns(rules));
    for (GoldRows gold : state.gold()) {
      lines.add("");
      lines.add("  " + gold.table());
      List<List<String>> rows = new ArrayList<>();
      rows.add(gold.columns());
      rows.addAll(gold.rows());
      lines.addAll(columns(rows));
    }
    return String.join("\n", lines) + "\n";
  }

  /** One line. */
  static String line(DemoState state) {
    StringBuilder line =
        new StringBuilder(
            "%s  sent %,d (%,d/s)"
                .formatted(clock(state.elapsed()), state.sent(), state.perSecond()));
    state
        .layers()
        .forEach(
            layer ->
                line.append(
                    "  %s %,d rows, %s"
                        .formatted(
                            layer.table().qualifiedName(),
                            layer.rows(),
                            freshness(layer.freshness(state.now())))));
    line.append(
        "  quarantined %,d".formatted(state.silver().progress().counter(Progress.QUARANTINED)));
    state.notices().forEach(notice -> line.append("  ").append(notice));
    return line.toString();
  }

  /** {@code 4.2 s}, whole days for recorded events, or a dash before there is any. */
  static String freshness(Optional<Duration> freshness) {
    return freshness
        .map(
            age ->
                age.toDays() > 1
                    ? String.format(Locale.ROOT, "%,d d", age.toDays())
                    : String.format(Locale.ROOT, "%.1f s", age.toMillis() / 1000.0))
        .orElse("-");
  }

  private static String clock(Duration elapsed) {
    return "%02d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
  }

  /** Rows with the first column to the left and numbers to the right. */
  private static List<String> columns(List<List<String>> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    int[] widths = new int[rows.get(0).size()];
    boolean[] numbers = new boolean[widths.length];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
      List<String> last = rows.get(rows.size() - 1);
      numbers[i] = i > 0 && last.get(i).matches("-|-?[\\d,.]+( [sd])?");
    }
    return rows.stream().map(row -> line(row, widths, numbers)).toList();
  }

  private static String line(List<String> row, int[] widths, boolean[] numbers) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - row.get(i).length());
      line.append("  ").append(numbers[i] ? padding + row.get(i) : row.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
