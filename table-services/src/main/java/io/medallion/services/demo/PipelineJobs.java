package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The jobs of one pipeline on a cluster, submitted with Flink's own client. */
public final class PipelineJobs {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final FlinkCli cli;
  private final FlinkRest rest;
  private final Map<String, Path> jars = new LinkedHashMap<>();
  private final Map<String, String> ids = new LinkedHashMap<>();
  private final String[] arguments;

  /**
   * @param jars in the order of the data
   */
  public PipelineJobs(
      FlinkCli cli, FlinkRest rest, List<Path> jars, Path folder, String warehouse) {
    this.cli = cli;
    this.rest = rest;
    jars.forEach(jar -> this.jars.put(jar.getFileName().toString().replace(".jar", ""), jar));
    this.arguments = new String[] {"--pipeline", folder.toString(), "--warehouse", warehouse};
  }

  /** In the order of the data, e.g. {@code ingest-bronze}. */
  public List<String> names() {
    return List.copyOf(jars.keySet());
  }

  /** The ids of the submitted jobs by their names. */
  public Map<String, String> ids() {
    synchronized (ids) {
      return new LinkedHashMap<>(ids);
    }
  }

  public String id(String job) {
    return ids().get(job);
  }

  /**
   * Submits a job, which is from now on the one of this name.
   *
   * @param options of {@code flink run}
   */
  public String submit(String job, List<String> options) {
    String id = submitAnother(job, options);
    synchronized (ids) {
      ids.put(job, id);
    }
    return id;
  }

  /** Submits a job beside the one of its name. */
  public String submitAnother(String job, List<String> options) {
    return cli.submit(jars.get(job), options, arguments);
  }

  /**
   * Waits until every task of every job runs.
   *
   * @param requireAlive fails when the cluster does not live
   */
  public void awaitRunning(Runnable requireAlive) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!ids().values().stream().allMatch(rest::runs)) {
      requireAlive.run();
      requireNoneEnded();
      if (System.nanoTime() > deadline) {
        throw new CommandFailedException(
            "The jobs do not run after %d s. %s".formatted(TIMEOUT.toSeconds(), failures()));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailedException("Interrupted.", e);
      }
    }
  }

  /** Fails with the reason when a job has ended. */
  public void requireNoneEnded() {
    ids()
        .forEach(
            (job, id) -> {
              String state = rest.jobState(id).orElse("");
              if (state.equals("FAILED") || state.equals("CANCELED") || state.equals("FINISHED")) {
                throw new CommandFailedException(
                    "Job %s is %s. %s".formatted(job, state, failures()));
              }
            });
  }

  /** What each job failed with last. */
  public String failures() {
    StringBuilder failures = new StringBuilder();
    ids()
        .forEach(
            (job, id) ->
                rest.failure(id)
                    .ifPresent(
                        failure ->
                            failures.append(
                                "%nJob %s failed last with:%n%s".formatted(job, failure))));
    return failures.isEmpty() ? "No job reports a failure." : failures.toString();
  }
}
