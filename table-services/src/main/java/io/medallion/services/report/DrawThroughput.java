package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import io.medallion.services.status.TableLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How much each table took in a second: between two commits, what the later one has read more. */
final class DrawThroughput {
  /**
   * Between commits that follow each other.
   *
   * @param records read
   */
  private record Step(Instant from, Instant to, long records) {
    double perSecond() {
      return records * 1e3 / Math.max(1, to.toEpochMilli() - from.toEpochMilli());
    }

    Step and(Step later) {
      return new Step(from, later.to, records + later.records);
    }
  }

  private DrawThroughput() {}

  static Plot of(History history) {
    List<Series> series = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    List<String> means = new ArrayList<>();
    figures.add(List.of("table", "records read", "mean per second", "highest per second"));
    for (TableLog log : history.logs()) {
      List<Step> steps = steps(history, log);
      List<Step> drawn = together(steps);
      series.add(new Series(log.table().qualifiedName(), Tones.of(log.table()), points(drawn)));
      steps.stream()
          .reduce(Step::and)
          .ifPresent(
              all -> {
                String mean = perSecond(all.perSecond());
                means.add("%s %s".formatted(log.table().qualifiedName(), mean));
                figures.add(
                    List.of(
                        log.table().qualifiedName(),
                        "%,d".formatted(all.records()),
                        mean,
                        perSecond(
                            steps.stream().mapToDouble(Step::perSecond).max().orElseThrow())));
              });
    }
    return Plot.overTime(
        "throughput",
        "Throughput",
        "What each table read in a second: bronze records of Kafka, silver rows of bronze, gold changes of silver. From the counts that"
            + " each commit carries and the time since the one before it; the first commit of a table has none.",
        "Mean per second: %s.".formatted(means.isEmpty() ? "not known" : String.join(", ", means)),
        Shape.STEPS,
        Unit.RECORDS_PER_SECOND,
        series,
        List.of(),
        figures);
  }

  private static List<Step> steps(History history, TableLog log) {
    List<Step> steps = new ArrayList<>();
    List<Commit> commits = log.commits();
    for (int i = 1; i < commits.size(); i++) {
      Commit before = commits.get(i - 1);
      Commit commit = commits.get(i);
      // Another version of a table begins to count anew.
      if (history.covers(commit) && commit.version() == before.version()) {
        steps.add(
            new Step(
                before.visibleAt(),
                commit.visibleAt(),
                Math.max(0, read(commit.progress()) - read(before.progress()))));
      }
    }
    return steps;
  }

  private static long read(Progress progress) {
    return progress.counter(Progress.INPUT);
  }

  /** As many that follow each other as one that few enough are left; none is lost. */
  private static List<Step> together(List<Step> steps) {
    int each = (steps.size() + LimitPoints.MOST - 2) / (LimitPoints.MOST - 1);
    List<Step> together = new ArrayList<>();
    for (int i = 0; i < steps.size(); i += each) {
      together.add(
          steps.subList(i, Math.min(i + each, steps.size())).stream()
              .reduce(Step::and)
              .orElseThrow());
    }
    return together;
  }

  /** A value holds from the point before; the first one is where that begins. */
  private static List<Point> points(List<Step> steps) {
    List<Point> points = new ArrayList<>();
    for (Step step : steps) {
      if (points.isEmpty()) {
        points.add(new Point(step.from().toEpochMilli(), step.perSecond()));
      }
      points.add(new Point(step.to().toEpochMilli(), step.perSecond()));
    }
    return points;
  }

  private static String perSecond(double rate) {
    return rate < 10
        ? String.format(Locale.ROOT, "%.1f", rate)
        : String.format(Locale.ROOT, "%,d", Math.round(rate));
  }
}
