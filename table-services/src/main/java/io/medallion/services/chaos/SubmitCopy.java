package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import java.time.Duration;

/** Submits a job that runs already; the copy must say which one stands in its way. */
final class SubmitCopy implements Fault {
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(60);

  @Override
  public void inject(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    String first = cluster.jobs().id(job);
    String refusal = refusal(cluster, job);
    cluster.happened();
    if (!refusal.contains(first)) {
      throw new CommandFailedException(
          "The copy of %s was refused, and the message does not name the job that runs (%s):%n%s"
              .formatted(job, first, refusal));
    }
    cluster.jobs().requireNoneEnded();
  }

  /** What the copy, or the client that submits it, fails with. */
  private static String refusal(ChaosCluster cluster, String job) {
    String copy;
    try {
      copy = cluster.submitCopy(job);
    } catch (CommandFailedException refused) {
      return String.valueOf(refused.getMessage());
    }
    boolean refused =
        Wait.until(
            REFUSED_WITHIN,
            () -> cluster.flink().rest().jobState(copy).filter("FAILED"::equals).isPresent());
    if (!refused) {
      cluster.flink().rest().cancel(copy);
      cluster.happened();
      throw new CommandFailedException(
          "The copy of %s was not refused within %d s: two jobs wrote one table."
              .formatted(job, REFUSED_WITHIN.toSeconds()));
    }
    return cluster.flink().rest().failure(copy).orElse("(no failure)");
  }
}
