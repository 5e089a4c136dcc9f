package io.medallion.services.chaos;

import io.medallion.io.FaultPoint;
import java.time.Duration;
import java.util.Set;

/**
 * Lets the first process that comes to a point die, fail or pause there.
 *
 * @param fault {@code kill}, {@code fail} or {@code pause MILLISECONDS}
 */
record StopAtPoint(FaultPoint point, String fault) implements Fault {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A table is compacted, cleaned and archived after so many commits. */
  private static final Duration UNTIL_SERVICE = Duration.ofMinutes(2);

  /** What the jobs do seldom, unless their services are fast. */
  private static final Set<FaultPoint> SELDOM =
      Set.of(
          FaultPoint.DURING_COMPACTION,
          FaultPoint.DURING_COMPACTION_COMMIT,
          FaultPoint.DURING_CLEAN,
          FaultPoint.DURING_ARCHIVE);

  private static final int DEATH_MS = 500;

  @Override
  public void inject(ChaosCluster cluster, PlannedFault planned) {
    if (point == FaultPoint.BEFORE_ROLLBACK || point == FaultPoint.DURING_ROLLBACK) {
      cluster.faults().plan(point, fault);
      cluster.flink().busiestTaskManager().kill();
      cluster.repair();
    }
    // Of the last job's tables, as nobody follows them, nothing must be kept for long.
    if (SELDOM.contains(point) && !cluster.hasFastServices(cluster.lastJob())) {
      RestoreJob.speedUp(cluster, cluster.lastJob());
    }
    try {
      cluster.faults().arm(point, fault, SELDOM.contains(point) ? UNTIL_SERVICE : LIMIT);
    } finally {
      cluster.happened();
    }
    if (fault.equals("kill")) {
      Wait.milliseconds(DEATH_MS);
      cluster.repair();
    }
  }
}
