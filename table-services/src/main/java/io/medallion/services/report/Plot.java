package io.medallion.services.report;

import java.util.List;

/**
 * A plot of the page and its figures in words and numbers.
 *
 * @param id of its place in the page
 * @param says what it means and where the figures are from, in a sentence or two
 * @param summary what is to be seen, for who does not see it
 * @param categories of {@link Shape#COLUMNS} and {@link Shape#BARS}; empty where time is the axis
 * @param limits lines to compare with
 * @param figures a head, and the rows of a table
 */
record Plot(
    String id,
    String title,
    String says,
    String summary,
    Shape shape,
    Unit unit,
    List<String> categories,
    List<Series> series,
    List<Limit> limits,
    List<List<String>> figures) {
  /** How it is drawn. */
  enum Shape {
    /** Values over time. */
    LINES,
    /** Values that each hold since the one before, over time. */
    STEPS,
    /** Upright, one for each category, series on top of each other. */
    COLUMNS,
    /** The same lying. */
    BARS
  }

  /** What is counted. */
  enum Unit {
    SECONDS,
    RECORDS_PER_SECOND,
    RECORDS,
    FILES,
    PERCENT
  }

  /**
   * Values of one name.
   *
   * @param tone names its colour; those without one have a different one each
   */
  record Series(String name, String tone, List<Point> points) {
    static final String NO_TONE = "";

    Series {
      points = List.copyOf(points);
    }
  }

  /**
   * A value.
   *
   * @param x epoch milliseconds, or the place of a category
   */
  record Point(long x, double y) {}

  /** A value to compare with. */
  record Limit(String name, double value) {}

  Plot {
    categories = List.copyOf(categories);
    series = List.copyOf(series);
    limits = List.copyOf(limits);
    figures = figures.stream().map(List::copyOf).toList();
  }

  /** Whether there is anything to draw. */
  boolean isEmpty() {
    return series.stream().allMatch(each -> each.points().isEmpty());
  }

  /** What one says of a plot over time. */
  static Plot overTime(
      String id,
      String title,
      String says,
      String summary,
      Shape shape,
      Unit unit,
      List<Series> series,
      List<Limit> limits,
      List<List<String>> figures) {
    return new Plot(id, title, says, summary, shape, unit, List.of(), series, limits, figures);
  }
}
