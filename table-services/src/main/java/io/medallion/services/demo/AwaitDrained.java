package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits until nothing is under way to gold any more, or says what stands still. */
public final class AwaitDrained {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

  private AwaitDrained() {}

  /**
   * Looks once a second.
   *
   * @param underWay what has not arrived, by name
   * @param failures what the jobs failed with, for the message
   * @return how long it took
   */
  public static Duration of(
      Supplier<SortedMap<String, String>> underWay, Supplier<String> failures) {
    long start = System.nanoTime();
    long moved = start;
    SortedMap<String, String> before = new TreeMap<>();
    while (true) {
      SortedMap<String, String> left = underWay.get();
      long now = System.nanoTime();
      if (left.isEmpty()) {
        return Duration.ofNanos(now - start);
      }
      if (!left.equals(before)) {
        before = left;
        moved = now;
      }
      if (now - start > TIMEOUT.toNanos() || now - moved > STALL_TIMEOUT.toNanos()) {
        throw new CommandFailedException(
            "Not everything reached gold in %.0f s, and nothing moved for %.0f s: %s. %s"
                .formatted((now - start) / 1e9, (now - moved) / 1e9, left, failures.get()));
      }
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailedException("Interrupted.", e);
      }
    }
  }
}
