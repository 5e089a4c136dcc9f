package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until something that was started answers, or says why it never will. */
final class AwaitReadiness {
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  private AwaitReadiness() {}

  /**
   * Polls until ready; fails at once when the process ends, and at the deadline with the end of its
   * log.
   */
  static void of(LaunchedProcess process, Duration timeout, BooleanSupplier ready) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!ready.getAsBoolean()) {
      process.requireAlive();
      if (System.nanoTime() > deadline) {
        throw new CommandFailedException(
            "The %s (pid %d) runs and is not ready after %d s; is the machine short of memory or CPU? The end of its log:%n%s"
                .formatted(process.name(), process.pid(), timeout.toSeconds(), process.logTail()));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_TRIES.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while starting.", e);
    }
  }
}
