package io.medallion.fused;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Job;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.silver.RefineSilverJob;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job {@code fused-pipeline}: the graphs of the three jobs in one, with one checkpoint for all
 * tables. Their operators keep their uids, so state goes from one deployment to the other.
 *
 * <pre>
 * Kafka ──▶ ingest-bronze ──relay──▶ refine-silver ──relay──▶ aggregate-gold
 *                 └──▶ bronze              └──▶ silver              └──▶ gold
 * </pre>
 */
public final class FusedPipelineJob {
  /** The job, for whoever runs it without the Flink CLI. */
  public static final Job JOB =
      new Job(
          "fused-pipeline",
          "Kafka → bronze → silver → gold in one job",
          true,
          FusedPipelineJob::define);

  private FusedPipelineJob() {}

  public static void main(String[] args) {
    JOB.run(args);
  }

  private static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse)
      throws Exception {
    requireOneCheckpointAtATime(env, pipeline);
    Lakehouse fused = lakehouse.fused();
    // In the order of the data: a table is written before it is followed.
    for (Job job : List.of(IngestBronzeJob.JOB, RefineSilverJob.JOB, AggregateGoldJob.JOB)) {
      job.graph().define(env, pipeline, fused);
    }
  }

  /** A barrier that comes before the commit of the one before would restart the job for ever. */
  private static void requireOneCheckpointAtATime(
      StreamExecutionEnvironment env, PipelineDefinition pipeline) {
    int most = env.getCheckpointConfig().getMaxConcurrentCheckpoints();
    if (most > 1) {
      throw new InvalidConfigurationException(
          "Pipeline " + pipeline.name(),
          List.of(
              new Problem(
                  "Flink configuration",
                  "execution.checkpointing.max-concurrent-checkpoints",
                  String.valueOf(most),
                  "1: a job that follows its own tables reads a commit before the next checkpoint",
                  "Remove the setting or set it to 1.")));
    }
  }
}
