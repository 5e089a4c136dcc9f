package io.medallion.io;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hudi.client.WriteStatus;

/** What both writers do differently from Hudi's when an instant begins and when it ends. */
final class Instants {
  private static final long FIRST_WAIT_MS = 10;
  private static final long LONGEST_WAIT_MS = 1_000;

  private Instants() {}

  /**
   * Waits until the coordinator has announced an instant to write. Hudi looks once a second, which
   * costs a job with short checkpoints most of its time; the commit of the previous instant usually
   * takes a tenth of that.
   *
   * @throws IllegalStateException if there is none within the timeout
   */
  static String await(Supplier<String> announced, Predicate<String> fit, long timeoutMs) {
    long deadline = System.nanoTime() + timeoutMs * 1_000_000;
    long wait = FIRST_WAIT_MS;
    String instant = announced.get();
    while (instant == null || !fit.test(instant)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "No new instant within %d ms after instant %s: the JobManager did not commit it; its log says why."
                .formatted(timeoutMs, instant));
      }
      try {
        Thread.sleep(wait);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for an instant", interrupted);
      }
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
      instant = announced.get();
    }
    return instant;
  }

  /**
   * Refuses a checkpoint whose rows were not all written: after it, Kafka would not send them
   * again.
   */
  static void failOnErrors(List<WriteStatus> statuses) {
    for (WriteStatus status : statuses) {
      if (status.hasErrors()) {
        throw new IllegalStateException(
            "%d rows could not be written to file %s of partition '%s'; the checkpoint is refused and the job goes back to the last one."
                .formatted(
                    status.getTotalErrorRecords(), status.getFileId(), status.getPartitionPath()),
            status.getGlobalError() != null
                ? status.getGlobalError()
                : status.getErrors().values().stream().findFirst().orElse(null));
      }
    }
  }
}
