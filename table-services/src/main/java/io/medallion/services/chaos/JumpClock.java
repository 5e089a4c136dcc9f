package io.medallion.services.chaos;

/** Sets the clock of the cluster's processes. */
final class JumpClock {
  private static final int UNTIL_SEEN_MS = 1500;

  private JumpClock() {}

  static void by(ChaosCluster cluster, int seconds) {
    cluster.clock().jump(seconds);
    Wait.milliseconds(UNTIL_SEEN_MS);
    cluster.happened();
  }
}
