package io.medallion.io;

import io.medallion.io.ProgressReporter.Reported;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;

/**
 * Where the operators of one job hand in their progress at a checkpoint and the commits of that
 * checkpoint pick it up. Lives in the JobManager, one for each job.
 */
final class ProgressDesk {
  private static final String KEY = "medallion.progress";
  private static final int CHECKPOINTS_KEPT = 16;

  private final NavigableMap<Long, Map<String, Reported>> checkpoints = new TreeMap<>();

  static ProgressDesk of(OperatorCoordinator.Context context) {
    context.getCoordinatorStore().putIfAbsent(KEY, new ProgressDesk());
    return (ProgressDesk) context.getCoordinatorStore().get(KEY);
  }

  synchronized void handIn(String reporter, Reported report) {
    checkpoints.computeIfAbsent(report.checkpointId(), id -> new TreeMap<>()).put(reporter, report);
    while (checkpoints.size() > CHECKPOINTS_KEPT) {
      checkpoints.pollFirstEntry();
    }
  }

  /** What all operators reported for the whole job or for this table. */
  synchronized Progress at(long checkpointId, String table) {
    return checkpoints.getOrDefault(checkpointId, Map.of()).values().stream()
        .filter(report -> report.table().isEmpty() || report.table().equals(table))
        .map(Reported::progress)
        .reduce(Progress.NONE, Progress::plus);
  }
}
