package io.medallion.silver;

import io.medallion.io.Job;

/** The job {@code refine-silver}: bronze → silver and quarantine. */
public final class RefineSilverJob {
  /** The job, for whoever runs it without the Flink CLI. */
  public static final Job JOB =
      new Job("refine-silver", "bronze → silver, quarantine", false, RefineSilverPipeline::define);

  private RefineSilverJob() {}

  public static void main(String[] args) {
    JOB.run(args);
  }
}
