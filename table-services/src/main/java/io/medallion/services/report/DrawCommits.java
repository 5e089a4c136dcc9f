package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.services.Ages;
import io.medallion.services.report.Plot.Limit;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How long each commit was open, from its first file until readers saw it. */
final class DrawCommits {
  private static final double MEDIAN = 0.5;
  private static final double P95 = 0.95;

  private DrawCommits() {}

  static Plot of(History history) {
    List<Series> series = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    List<String> medians = new ArrayList<>();
    Map<Duration, List<String>> intervals = new TreeMap<>();
    figures.add(List.of("table", "commits", "median", "p95", "longest", "checkpoint interval"));
    for (TableLog log : history.logs()) {
      String table = log.table().qualifiedName();
      List<Point> points = points(history, log);
      series.add(new Series(table, Tones.of(log.table()), LimitPoints.of(points)));
      Duration interval = log.newest().map(Commit::checkpointInterval).orElse(Duration.ZERO);
      if (!interval.isZero()) {
        intervals.computeIfAbsent(interval, any -> new ArrayList<>()).add(table);
      }
      if (!points.isEmpty()) {
        List<Double> sorted = points.stream().map(Point::y).sorted().toList();
        medians.add("%s %s".formatted(table, seconds(quantile(sorted, MEDIAN))));
        figures.add(
            List.of(
                table,
                "%,d".formatted(sorted.size()),
                seconds(quantile(sorted, MEDIAN)),
                seconds(quantile(sorted, P95)),
                seconds(sorted.get(sorted.size() - 1)),
                interval.isZero() ? "-" : Ages.of(interval)));
      }
    }
    return Plot.overTime(
        "commits",
        "Commit durations",
        "From opening a commit's instant to write its first file until readers saw the commit (seconds). Bronze writes as records come, so"
            + " its commits last from one checkpoint to the next; silver and gold keep rows until the checkpoint. From the times of the files"
            + " on the tables' timelines; archived commits have none.",
        "Median: %s.".formatted(medians.isEmpty() ? "not known" : String.join(", ", medians)),
        Shape.LINES,
        Unit.SECONDS,
        series,
        limits(intervals),
        figures);
  }

  /** One line where all tables have the same. */
  private static List<Limit> limits(Map<Duration, List<String>> intervals) {
    List<Limit> limits = new ArrayList<>();
    intervals.forEach(
        (interval, tables) ->
            limits.add(
                new Limit(
                    intervals.size() == 1
                        ? "checkpoint interval"
                        : "checkpoints of " + String.join(", ", tables),
                    interval.toMillis() / 1e3)));
    return limits;
  }

  private static List<Point> points(History history, TableLog log) {
    Map<String, Duration> durations = history.durations().getOrDefault(log.table(), Map.of());
    List<Point> points = new ArrayList<>();
    for (Commit commit : log.commits()) {
      Duration duration = durations.get(commit.instant());
      if (duration != null && history.covers(commit)) {
        points.add(new Point(commit.visibleAt().toEpochMilli(), duration.toMillis() / 1e3));
      }
    }
    return points;
  }

  /** The value that a share of them does not exceed. */
  private static double quantile(List<Double> sorted, double share) {
    return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }

  private static String seconds(double value) {
    return Ages.of(Duration.ofMillis(Math.round(value * 1e3)));
  }
}
