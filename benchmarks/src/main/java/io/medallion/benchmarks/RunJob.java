package io.medallion.benchmarks;

import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.FlinkCli;
import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.LaunchedProcess;
import io.medallion.services.demo.PipelineJobs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs one job over all that waits for it, on a cluster of its own.
 *
 * @param folder of the pipeline
 * @param environment of the submission
 * @param settings of the cluster
 */
record RunJob(
    Installation installation,
    Path folder,
    Map<String, String> environment,
    Map<String, String> settings) {

  /**
   * What a run came to.
   *
   * @param startMs when all tasks ran, in milliseconds since 1970
   * @param cpuSeconds of the TaskManager and the JobManager, from the submission on
   */
  record Ran<T>(T result, long startMs, double cpuSeconds) {}

  /**
   * Runs a job.
   *
   * @param place where the cluster keeps its files
   * @param await waits until the job is through
   */
  <T> Ran<T> run(String job, String warehouse, Path place, Function<PipelineJobs, T> await) {
    try (FlinkCluster cluster = FlinkCluster.start(installation, place, settings)) {
      FlinkCli cli =
          new FlinkCli(installation, cluster.address(), cluster.settings(), environment, place);
      PipelineJobs jobs =
          new PipelineJobs(
              cli,
              cluster.rest(),
              installation.jobJars().stream().filter(jar -> jar.endsWith(job + ".jar")).toList(),
              folder,
              warehouse);
      double before = cpuSeconds(cluster);
      jobs.submit(job, List.of());
      jobs.awaitRunning(cluster::requireAlive);
      long start = System.currentTimeMillis();
      T result = await.apply(jobs);
      return new Ran<>(result, start, cpuSeconds(cluster) - before);
    }
  }

  /** Waits before another look at the tables. */
  static void pause() {
    try {
      TimeUnit.SECONDS.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  /** What the processes of a cluster have spent so far. */
  static double cpuSeconds(FlinkCluster cluster) {
    return Stream.concat(Stream.of(cluster.jobManager()), cluster.taskManagers().stream())
        .map(LaunchedProcess::pid)
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .mapToDouble(spent -> spent.toMillis() / 1e3)
        .sum();
  }
}
