package io.medallion.testing;

import static org.awaitility.Awaitility.await;

import io.medallion.io.Job;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink MiniCluster that runs our jobs with RocksDB and a checkpoint every second. */
public final class LocalFlink implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final MiniCluster cluster;
  private final Configuration jobs;
  private final Path savepoints;

  /**
   * Starts the cluster.
   *
   * @param folder where checkpoints and savepoints go
   * @param parallelism of every job
   */
  public LocalFlink(Path folder, int parallelism) {
    savepoints = folder.resolve("savepoints");
    jobs = new Configuration();
    jobs.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    jobs.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    jobs.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofMinutes(1));
    jobs.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        folder.resolve("checkpoints").toUri().toString());
    jobs.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    jobs.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    jobs.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    jobs.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    jobs.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
    Configuration settings = new Configuration(jobs);
    settings.set(RestOptions.BIND_PORT, "0");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(6 * parallelism)
                .build());
    try {
      cluster.start();
    } catch (Exception failure) {
      throw new IllegalStateException("The MiniCluster did not start", failure);
    }
  }

  /** Submits a job from its beginning. */
  public JobID submit(Job job, PipelineDefinition pipeline, String warehouse) throws Exception {
    return submit(job, pipeline, warehouse, SavepointRestoreSettings.none());
  }

  /** Submits a job that goes on from a savepoint. */
  public JobID resume(Job job, PipelineDefinition pipeline, String warehouse, String savepoint)
      throws Exception {
    return submit(job, pipeline, warehouse, SavepointRestoreSettings.forPath(savepoint, false));
  }

  /** The same from the savepoint of a job that has other operators, too. */
  public JobID resumeFromAnother(
      Job job, PipelineDefinition pipeline, String warehouse, String savepoint) throws Exception {
    return submit(job, pipeline, warehouse, SavepointRestoreSettings.forPath(savepoint, true));
  }

  private JobID submit(
      Job job, PipelineDefinition pipeline, String warehouse, SavepointRestoreSettings savepoint)
      throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(jobs);
    job.define(env, pipeline, new Lakehouse(warehouse, pipeline.name()));
    JobGraph graph = env.getStreamGraph().getJobGraph();
    graph.setSavepointRestoreSettings(savepoint);
    cluster.submitJob(graph).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    await()
        .atMost(PATIENCE)
        .until(
            () -> status(graph.getJobID()),
            status -> status == JobStatus.RUNNING || status.isGloballyTerminalState());
    if (status(graph.getJobID()) != JobStatus.RUNNING) {
      throw new IllegalStateException(
          job.name() + " did not start",
          cluster.requestJobResult(graph.getJobID()).get().getSerializedThrowable().orElse(null));
    }
    return graph.getJobID();
  }

  /**
   * Stops a job with a savepoint, as {@code flink stop} does.
   *
   * @return the savepoint's path
   */
  public String stop(JobID job) throws Exception {
    String savepoint =
        cluster
            .stopWithSavepoint(
                job, savepoints.toUri().toString(), false, SavepointFormatType.CANONICAL)
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    cluster.requestJobResult(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return savepoint;
  }

  /** Kills the one TaskManager and starts another. */
  public void replaceTaskManager() throws Exception {
    cluster.terminateTaskManager(0).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    cluster.startTaskManager();
  }

  /** A job's status. */
  public JobStatus status(JobID job) throws Exception {
    return cluster.getJobStatus(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Why a job has failed. */
  public Throwable failure(JobID job) throws Exception {
    return cluster
        .requestJobResult(job)
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .getSerializedThrowable()
        .orElseThrow();
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
