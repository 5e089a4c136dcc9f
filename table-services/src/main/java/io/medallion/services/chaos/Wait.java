package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for time or for something to become true. */
final class Wait {
  private Wait() {}

  static void milliseconds(long milliseconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  static void of(Duration duration) {
    milliseconds(duration.toMillis());
  }

  /** Whether it became true within the limit. */
  static boolean until(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      milliseconds(100);
    }
    return true;
  }
}
