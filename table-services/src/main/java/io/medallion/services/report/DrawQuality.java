package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which share of the events that silver read broke each rule, over time. */
final class DrawQuality {
  /** Of the time of the report; one has at least a commit. */
  private static final int PARTS = 60;

  private final History history;
  private final Map<String, String> rules = new TreeMap<>();

  private DrawQuality(History history) {
    this.history = history;
    history
        .silver()
        .progress()
        .counters()
        .keySet()
        .forEach(
            counter -> {
              if (counter.startsWith(Progress.QUARANTINED_BY)) {
                rules.put(counter, counter.substring(Progress.QUARANTINED_BY.length()));
              } else if (counter.startsWith(Progress.WARNED_BY)) {
                rules.put(counter, counter.substring(Progress.WARNED_BY.length()) + " (warns)");
              }
            });
  }

  static Plot of(History history) {
    DrawQuality draw = new DrawQuality(history);
    Progress newest = history.silver().progress();
    List<Series> series = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    figures.add(List.of("rule", "events", "of all read"));
    List<Commit> ends = draw.ends();
    draw.rules.forEach(
        (counter, rule) -> {
          series.add(new Series(rule, Series.NO_TONE, points(ends, counter)));
          long events = newest.counter(counter);
          figures.add(
              List.of(
                  rule,
                  "%,d".formatted(events),
                  percent(share(events, newest.counter(Progress.INPUT)))));
        });
    return Plot.overTime(
        "quality",
        "Quality per rule",
        "Share of the events that silver read which broke each rule (percent). Those of a rule that quarantines are in quarantine; an event"
            + " that a replay brought in counts no more. From the counts that each commit of silver carries.",
        "%,d of %,d events are in quarantine (%s)."
            .formatted(
                newest.counter(Progress.QUARANTINED),
                newest.counter(Progress.INPUT),
                percent(
                    share(newest.counter(Progress.QUARANTINED), newest.counter(Progress.INPUT)))),
        Shape.STEPS,
        Unit.PERCENT,
        series,
        List.of(),
        figures);
  }

  /** The last commit of each part of the time, after the commit that it begins with. */
  private List<Commit> ends() {
    List<Commit> ends = new ArrayList<>();
    Instant end = history.silver().newest().map(Commit::visibleAt).orElse(history.to());
    long time = end.toEpochMilli() - history.begin().toEpochMilli() + 1;
    long last = -1;
    for (Commit commit : history.silver().commits()) {
      long part =
          history.covers(commit)
              ? (commit.visibleAt().toEpochMilli() - history.begin().toEpochMilli()) * PARTS / time
              : -1;
      if (part == last && ends.size() > 1) {
        ends.remove(ends.size() - 1);
      }
      ends.add(commit);
      last = part;
    }
    return ends;
  }

  private static List<Point> points(List<Commit> ends, String counter) {
    List<Point> points = new ArrayList<>();
    for (int i = 1; i < ends.size(); i++) {
      Progress before = ends.get(i - 1).progress();
      Progress after = ends.get(i).progress();
      long read = after.counter(Progress.INPUT) - before.counter(Progress.INPUT);
      if (read > 0) {
        double percent = share(Math.max(0, after.counter(counter) - before.counter(counter)), read);
        if (points.isEmpty()) {
          points.add(new Point(ends.get(i - 1).visibleAt().toEpochMilli(), percent));
        }
        points.add(new Point(ends.get(i).visibleAt().toEpochMilli(), percent));
      }
    }
    return points;
  }

  private static double share(long events, long read) {
    return read == 0 ? 0 : 100.0 * events / read;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", share);
  }
}
