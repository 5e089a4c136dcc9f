package io.medallion.bronze;

import io.medallion.io.Job;

/** The job {@code ingest-bronze}: Kafka → bronze. */
public final class IngestBronzeJob {
  /** The job, for whoever runs it without the Flink CLI. */
  public static final Job JOB =
      new Job("ingest-bronze", "Kafka → bronze", true, IngestBronzePipeline::define);

  private IngestBronzeJob() {}

  public static void main(String[] args) {
    JOB.run(args);
  }
}
