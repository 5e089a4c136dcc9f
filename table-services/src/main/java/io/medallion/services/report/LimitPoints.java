package io.medallion.services.report;

import io.medallion.services.report.Plot.Point;
import java.util.ArrayList;
import java.util.List;

/** Keeps a page small: of many points, those that a reader would see. */
final class LimitPoints {
  /** Of a series; a plot is not much wider in pixels. */
  static final int MOST = 500;

  private LimitPoints() {}

  /**
   * At most {@link #MOST} points: of each of as many parts of the time as that gives, the lowest
   * and the highest.
   *
   * @param points by time
   */
  static List<Point> of(List<Point> points) {
    if (points.size() <= MOST) {
      return points;
    }
    int parts = MOST / 2;
    long begin = points.get(0).x();
    long time = points.get(points.size() - 1).x() - begin + 1;
    List<Point> kept = new ArrayList<>();
    int i = 0;
    for (int part = 1; part <= parts; part++) {
      Point lowest = null;
      Point highest = null;
      // In milliseconds times parts: a long holds those of a million years.
      while (i < points.size() && (points.get(i).x() - begin) * parts < time * part) {
        Point point = points.get(i++);
        lowest = lowest == null || point.y() < lowest.y() ? point : lowest;
        highest = highest == null || point.y() > highest.y() ? point : highest;
      }
      if (lowest != null) {
        boolean falls = highest.x() < lowest.x();
        kept.add(falls ? highest : lowest);
        if (!lowest.equals(highest)) {
          kept.add(falls ? lowest : highest);
        }
      }
    }
    return kept;
  }
}
