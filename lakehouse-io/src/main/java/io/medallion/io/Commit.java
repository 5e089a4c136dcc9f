package io.medallion.io;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * One commit of ours on a table's timeline.
 *
 * @param instant Hudi's instant time, e.g. {@code 20260101120000000}
 * @param completedAt when it was made, by the clock of the JobManager
 * @param visibleAt since when readers see it, by the clock of the storage; of an archived commit
 *     {@code completedAt}
 * @param checkpointId the Flink checkpoint it belongs to
 * @param pipeline the pipeline that wrote it
 * @param layer the table's layer
 * @param job the Flink job that wrote it
 * @param version of the table's definition that made its rows
 * @param fingerprint of it; empty where the commit says none
 * @param checkpointInterval of the job; zero where the commit says none
 * @param progress what it holds, and the counts so far
 */
public record Commit(
    String instant,
    Instant completedAt,
    Instant visibleAt,
    long checkpointId,
    String pipeline,
    String layer,
    String job,
    int version,
    String fingerprint,
    Duration checkpointInterval,
    Progress progress) {
  /** The same without the counts of each Kafka partition, which are most of it in memory. */
  public Commit withoutPartitions() {
    return new Commit(
        instant,
        completedAt,
        visibleAt,
        checkpointId,
        pipeline,
        layer,
        job,
        version,
        fingerprint,
        checkpointInterval,
        new Progress(
            progress.position(),
            progress.counters(),
            Map.of(),
            progress.minEventTime(),
            progress.maxEventTime()));
  }
}
