package io.medallion.benchmarks;

import java.util.List;

/** The middle of figures. */
final class Median {
  private Median() {}

  static double of(List<Double> sorted) {
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
