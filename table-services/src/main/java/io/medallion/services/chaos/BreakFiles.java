package io.medallion.services.chaos;

import java.time.Duration;

/** What can go wrong with the file system under the lake. */
final class BreakFiles {
  private static final Duration WINDOW = Duration.ofSeconds(5);

  private BreakFiles() {}

  static void failing(ChaosCluster cluster, PlannedFault planned) {
    window(cluster, "fail 1/%d seed=%d".formatted(planned.amount(), planned.seed()));
  }

  static void slow(ChaosCluster cluster, PlannedFault planned) {
    window(cluster, "slow " + planned.amount());
  }

  static void diskFull(ChaosCluster cluster, PlannedFault planned) {
    cluster.disk().fill();
    try {
      Wait.of(WINDOW);
    } finally {
      cluster.disk().makeRoom();
      cluster.happened();
    }
  }

  private static void window(ChaosCluster cluster, String fault) {
    cluster.faults().fileSystem(fault);
    try {
      Wait.of(WINDOW);
    } finally {
      cluster.faults().endFileSystem();
      cluster.happened();
    }
  }
}
