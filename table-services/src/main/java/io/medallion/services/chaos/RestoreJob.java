package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Ends a job and lets it go on from another state than the last. */
final class RestoreJob {
  private RestoreJob() {}

  static void fromOldest(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    cluster.cancel(job);
    cluster.happened();
    List<String> retained = cluster.checkpoints(job);
    if (retained.isEmpty()) {
      throw new CommandFailedException("Job " + job + " left no checkpoint when it was cancelled.");
    }
    cluster.submit(job, List.of(retained.get(0)));
  }

  static void fromSavepoint(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    String savepoint = cluster.stop(job);
    cluster.happened();
    cluster.submit(job, List.of(savepoint));
  }

  static void fromNone(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    cluster.cancel(job);
    cluster.happened();
    cluster.submit(job, List.of());
  }

  static void withoutCheckpoints(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    Path folder = cluster.checkpointFolder(job);
    cluster.cancel(job);
    delete(folder);
    cluster.happened();
    cluster.submit(job, List.of());
  }

  static void rescaled(ChaosCluster cluster, PlannedFault planned) {
    String job = cluster.job(planned);
    String savepoint = cluster.stop(job);
    cluster.happened();
    cluster.parallelism(job, planned.amount());
    cluster.submit(job, List.of(savepoint));
  }

  static void withFastServices(ChaosCluster cluster, PlannedFault planned) {
    speedUp(cluster, cluster.job(planned));
  }

  /** What a job does seldom is to be expected soon then. */
  static void speedUp(ChaosCluster cluster, String job) {
    String savepoint = cluster.stop(job);
    cluster.happened();
    cluster.speedUpServices(job);
    cluster.submit(job, List.of(savepoint));
  }

  private static void delete(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
