package io.medallion.services.chaos;

import io.medallion.io.FaultPoint;
import java.time.Duration;

/**
 * Lets the first process that comes to a point die, fail or pause there.
 *
 * @param fault {@code kill}, {@code fail} or {@code pause MILLISECONDS}
 */
record StopAtPoint(FaultPoint point, String fault) implements Fault {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A table is compacted after so many commits. */
  private static final Duration UNTIL_COMPACTION = Duration.ofMinutes(2);

  private static final int DEATH_MS = 500;

  @Override
  public void inject(ChaosCluster cluster, PlannedFault planned) {
    if (point == FaultPoint.BEFORE_ROLLBACK || point == FaultPoint.DURING_ROLLBACK) {
      cluster.faults().plan(point, fault);
      cluster.flink().busiestTaskManager().kill();
      cluster.repair();
    }
    try {
      cluster
          .faults()
          .arm(point, fault, point == FaultPoint.DURING_COMPACTION ? UNTIL_COMPACTION : LIMIT);
    } finally {
      cluster.happened();
    }
    if (fault.equals("kill")) {
      Wait.milliseconds(DEATH_MS);
      cluster.repair();
    }
  }
}
