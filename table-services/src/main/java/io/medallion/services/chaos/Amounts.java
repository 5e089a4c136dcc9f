package io.medallion.services.chaos;

import java.util.Random;

/**
 * How much of a fault there may be.
 *
 * @param text how an amount reads, e.g. {@code for %d s}; empty when there is only one
 */
record Amounts(int from, int to, String text) {
  static final Amounts ONE = new Amounts(1, 1, "");

  static Amounts of(int from, int to, String text) {
    return new Amounts(from, to, text);
  }

  /** Smaller ones more often. */
  int draw(Random random) {
    return (int) Math.round(from * Math.pow((double) to / from, random.nextDouble()));
  }

  String of(int amount) {
    return text.isEmpty() ? "" : " " + text.formatted(amount);
  }
}
