package io.medallion.services.report;

import io.medallion.services.Ages;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import io.medallion.services.status.Latency;
import java.util.ArrayList;
import java.util.List;

/** How long records took from Kafka until readers of all last tables saw them. */
final class DrawLatency {
  private static final List<Double> QUANTILES = List.of(0.5, 0.95, 0.99);

  private DrawLatency() {}

  static Plot of(Latency latency) {
    List<String> categories = new ArrayList<>();
    List<Point> points = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    figures.add(List.of("latency", "records"));
    List<Long> histogram = latency.histogram();
    int last = latency.samples().isEmpty() ? 0 : lastOf(histogram);
    for (int part = 0; part <= last; part++) {
      categories.add(
          part < Latency.BOUNDS_S.size()
              ? "≤ %d s".formatted(Latency.BOUNDS_S.get(part))
              : "> %d s".formatted(Latency.BOUNDS_S.get(part - 1)));
      if (!latency.samples().isEmpty()) {
        points.add(new Point(part, histogram.get(part)));
        figures.add(List.of(categories.get(part), "%,d".formatted(histogram.get(part))));
      }
    }
    return new Plot(
        "latency",
        "Latency from Kafka to the last layer",
        "From a record's Kafka timestamp until readers of all last tables see it: records in each range of seconds above the one before."
            + " Of a sample of bronze's rows, of commits that are still on the timeline; each stands for as many records as its commit has.",
        summary(latency),
        Shape.COLUMNS,
        Unit.RECORDS,
        categories,
        List.of(new Series("records", "accent", points)),
        List.of(),
        figures);
  }

  private static int lastOf(List<Long> histogram) {
    int last = histogram.size() - 1;
    while (last > 0 && histogram.get(last) == 0) {
      last--;
    }
    return last;
  }

  private static String summary(Latency latency) {
    List<String> quantiles = new ArrayList<>();
    for (double share : QUANTILES) {
      latency
          .quantile(share)
          .ifPresent(
              value -> quantiles.add("p%d %s".formatted(Math.round(share * 100), Ages.of(value))));
    }
    return quantiles.isEmpty()
        ? "No record of this time is in all last tables."
        : "%s of %,d records.".formatted(String.join(", ", quantiles), latency.records());
  }
}
