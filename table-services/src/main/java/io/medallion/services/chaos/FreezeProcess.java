package io.medallion.services.chaos;

import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.LaunchedProcess;
import java.time.Duration;

/** Lets processes stand still for a while, and then go on as if nothing had been. */
final class FreezeProcess {
  private static final Duration BACK_AMONG_THE_LIVING = Duration.ofSeconds(8);

  private FreezeProcess() {}

  static void taskManager(ChaosCluster cluster, Duration time) {
    freeze(cluster, cluster.flink().busiestTaskManager(), time);
  }

  static void jobManager(ChaosCluster cluster, Duration time) {
    freeze(cluster, cluster.flink().jobManager(), time);
  }

  /** The jobs run elsewhere when the JobManager that had them comes to again. */
  static void replacedJobManager(ChaosCluster cluster) {
    LaunchedProcess zombie = cluster.flink().jobManager();
    zombie.freeze();
    FlinkCluster before = cluster.replace();
    cluster.jobs().awaitRunning(cluster.flink()::requireAlive);
    zombie.thaw();
    cluster.happened();
    Wait.of(BACK_AMONG_THE_LIVING);
    before.taskManagers().forEach(LaunchedProcess::kill);
    zombie.kill();
  }

  private static void freeze(ChaosCluster cluster, LaunchedProcess process, Duration time) {
    process.freeze();
    try {
      Wait.of(time);
    } finally {
      process.thaw();
      cluster.happened();
    }
    cluster.repair();
  }
}
