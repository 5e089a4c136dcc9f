package io.medallion.gold;

import io.medallion.io.Job;

/** The job {@code aggregate-gold}: silver → gold. */
public final class AggregateGoldJob {
  /** The job, for whoever runs it without the Flink CLI. */
  public static final Job JOB =
      new Job("aggregate-gold", "silver → gold", false, AggregateGoldPipeline::define);

  private AggregateGoldJob() {}

  public static void main(String[] args) {
    JOB.run(args);
  }
}
