package io.medallion.histories;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.flink.types.Row;

/**
 * What a job in this process has written with each of its checkpoints, in place of tables. One job
 * at a time: it outlives the restarts of the job.
 */
final class CommittedRows {
  private static final NavigableMap<Long, Map<String, List<Row>>> BY_CHECKPOINT = new TreeMap<>();
  private static long complete;

  private CommittedRows() {}

  static synchronized void clear() {
    rollBack(0);
  }

  /** Takes the rows of a subtask that belong to a checkpoint. */
  static synchronized void flush(String table, long checkpointId, List<Row> rows) {
    BY_CHECKPOINT
        .computeIfAbsent(checkpointId, first -> new HashMap<>())
        .computeIfAbsent(table, first -> new ArrayList<>())
        .addAll(rows);
  }

  /** A job goes on from a checkpoint: what came after it was never committed. */
  static synchronized void rollBack(long checkpointId) {
    BY_CHECKPOINT.tailMap(checkpointId, false).clear();
    complete = checkpointId;
  }

  static synchronized void complete(long checkpointId) {
    complete = Math.max(complete, checkpointId);
  }

  /** All rows of a table that are committed, in the order of the commits. */
  static synchronized List<Row> of(String table) {
    List<Row> rows = new ArrayList<>();
    BY_CHECKPOINT
        .headMap(complete, true)
        .values()
        .forEach(commit -> rows.addAll(commit.getOrDefault(table, List.of())));
    return rows;
  }
}
