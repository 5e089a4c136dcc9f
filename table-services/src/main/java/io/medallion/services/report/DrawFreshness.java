package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.services.Ages;
import io.medallion.services.report.Plot.Limit;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How old the newest record was that a reader of each table saw: it grows with the time, and falls
 * with each commit that brings something newer.
 */
final class DrawFreshness {
  private final History history;

  private DrawFreshness(History history) {
    this.history = history;
  }

  static Plot of(History history, Duration objective) {
    DrawFreshness draw = new DrawFreshness(history);
    List<Series> series = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    List<String> now = new ArrayList<>();
    figures.add(List.of("table", "lowest", "highest", "now"));
    for (TableLog log : history.logs()) {
      List<Point> points = draw.points(log);
      series.add(
          new Series(log.table().qualifiedName(), Tones.of(log.table()), LimitPoints.of(points)));
      if (!points.isEmpty()) {
        String newest = age(points.get(points.size() - 1).y());
        now.add("%s %s".formatted(log.table().qualifiedName(), newest));
        figures.add(
            List.of(
                log.table().qualifiedName(),
                age(points.stream().mapToDouble(Point::y).min().orElseThrow()),
                age(points.stream().mapToDouble(Point::y).max().orElseThrow()),
                newest));
      }
    }
    return Plot.overTime(
        "freshness",
        "Freshness",
        "How long ago the newest record that a reader of each table sees came to Kafka (seconds). It grows until a commit brings"
            + " something newer, and while nothing comes. From the commits' positions, Kafka's timestamps and the times of the commits' files.",
        "Age of the newest record at the end: %s; the objective is %s."
            .formatted(now.isEmpty() ? "not known" : String.join(", ", now), Ages.of(objective)),
        Shape.LINES,
        Unit.SECONDS,
        series,
        List.of(new Limit("objective", objective.toMillis() / 1e3)),
        figures);
  }

  /** Each commit has two: what readers saw before, and with it. */
  private List<Point> points(TableLog log) {
    Map<String, Long> brought = newestBrought(log);
    List<Point> points = new ArrayList<>();
    long newest = Progress.NO_EVENT_TIME;
    for (Commit commit : log.commits()) {
      long before = newest;
      newest = Math.max(newest, brought.getOrDefault(commit.instant(), Progress.NO_EVENT_TIME));
      if (history.covers(commit)) {
        if (points.isEmpty() && before != Progress.NO_EVENT_TIME) {
          points.add(point(history.from(), before));
        }
        add(points, commit.visibleAt(), before);
        add(points, commit.visibleAt(), newest);
      }
    }
    if (points.isEmpty()) {
      add(points, history.from(), newest);
    }
    add(points, history.to(), newest);
    return points;
  }

  /** The largest Kafka timestamp of what each commit was the first to show, by its instant. */
  private static Map<String, Long> newestBrought(TableLog log) {
    Map<String, Long> newest = new HashMap<>();
    for (Commit bronze : log.bronze().commits()) {
      log.bringing(bronze)
          .ifPresent(
              commit ->
                  newest.merge(commit.instant(), bronze.progress().maxEventTime(), Math::max));
    }
    return newest;
  }

  private static void add(List<Point> points, Instant at, long newest) {
    if (newest != Progress.NO_EVENT_TIME) {
      points.add(point(at, newest));
    }
  }

  private static Point point(Instant at, long newest) {
    return new Point(
        at.toEpochMilli(), Ages.since(Instant.ofEpochMilli(newest), at).toMillis() / 1e3);
  }

  private static String age(double seconds) {
    return Ages.of(Duration.ofMillis(Math.round(seconds * 1e3)));
  }
}
