package io.medallion.services.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.services.report.Plot.Limit;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** The plots for {@code report.js}, to stand inside a script element. */
final class PlotsJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** More digits than a reader sees, and fewer than a double has. */
  private static final double PRECISION = 1e3;

  private PlotsJson() {}

  static String of(List<Plot> plots) {
    ArrayNode root = JSON.createArrayNode();
    for (Plot plot : plots) {
      if (!plot.isEmpty()) {
        write(plot, root.addObject());
      }
    }
    try {
      // The end of a script, or a comment that hides it, can begin in a string alone.
      return JSON.writeValueAsString(root).replace("<", "\\u003c");
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static void write(Plot plot, ObjectNode node) {
    node.put("id", plot.id())
        .put("description", plot.title() + ". " + plot.summary())
        .put("shape", label(plot.shape()))
        .put("unit", label(plot.unit()));
    ArrayNode categories = node.putArray("categories");
    plot.categories().forEach(categories::add);
    ArrayNode series = node.putArray("series");
    for (Series each : plot.series()) {
      ArrayNode points =
          series.addObject().put("name", each.name()).put("tone", each.tone()).putArray("points");
      for (Point point : each.points()) {
        points.addArray().add(point.x()).add(Math.round(point.y() * PRECISION) / PRECISION);
      }
    }
    ArrayNode limits = node.putArray("limits");
    for (Limit limit : plot.limits()) {
      limits.addObject().put("name", limit.name()).put("value", limit.value());
    }
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
