package io.medallion.services.chaos;

/** Ends processes as {@code kill -9} does. */
final class KillProcess {
  private static final int BETWEEN_KILLS_MS = 1000;

  private KillProcess() {}

  static void taskManagers(ChaosCluster cluster, int number) {
    for (int i = 0; i < number; i++) {
      if (i > 0) {
        Wait.milliseconds(BETWEEN_KILLS_MS);
      }
      cluster.flink().busiestTaskManager().kill();
      cluster.happened();
      cluster.repair();
    }
  }

  static void jobManager(ChaosCluster cluster) {
    cluster.flink().jobManager().kill();
    cluster.happened();
    cluster.repair();
  }
}
