package io.medallion.io;

import io.medallion.io.Writers.Checkpoint;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;

/**
 * A job from an endless list of changes into {@link Numbers#SILVER}: change {@code i} sets or
 * deletes one of three keys. It reads as {@link PlanReads} does: no barrier falls beyond where the
 * table stands, and a checkpoint must be complete there before it goes on.
 */
final class FromChanges implements AutoCloseable {
  private static final String INPUT = "bronze.numbers";
  private static final int KEYS = 3;
  private static final int DELETES = 7;

  private final String warehouse;
  private final Writers writers;
  private final Map<Long, Long> plannedAt = new TreeMap<>();
  private final Set<Integer> passed = new HashSet<>();
  private long barrier = -1;
  private long planned;
  private long reported;
  private long stop = Long.MAX_VALUE;

  FromChanges(String warehouse, Writers writers) {
    this.warehouse = warehouse;
    this.writers = writers;
  }

  FromChanges restore(Snapshot snapshot, int parallelism) throws Exception {
    writers.restore(snapshot.writers(), parallelism);
    barrier = -1;
    plannedAt.clear();
    planned = snapshot.planned();
    reported = planned;
    Map<String, Long> stands =
        CommitLog.latest(warehouse, Numbers.SILVER)
            .map(commit -> commit.progress().nextByInput())
            .orElse(Map.of());
    Continuation.of(
        Numbers.SILVER.qualifiedName(), stands, Map.of(INPUT, new Span(planned, planned)));
    long at = stands.getOrDefault(INPUT, Span.START);
    stop = at > planned ? at : Long.MAX_VALUE;
    return this;
  }

  /** Reads the next change, unless the job has to stop before it. */
  void read() throws Exception {
    if (planned == stop) {
      return;
    }
    RowData change = change(planned);
    int writer = writers.writerOf(change);
    if (barrier >= 0) {
      // It comes behind the barrier.
      barrier(writer);
    }
    writers.write(writer, change);
    planned++;
  }

  /** The JobManager begins a checkpoint; its barrier passes the source. */
  void begin(long checkpointId) throws Exception {
    writers.begin(checkpointId);
    if (planned > reported) {
      writers.report(
          new Progress(
              Map.of(INPUT, new Span(reported, planned)),
              Map.of(),
              Map.of(),
              Progress.NO_EVENT_TIME,
              Progress.NO_EVENT_TIME));
    }
    reported = planned;
    plannedAt.put(checkpointId, planned);
    barrier = checkpointId;
    passed.clear();
  }

  void barrier(int writer) throws Exception {
    if (passed.add(writer)) {
      writers.barrier(writer, barrier);
    }
  }

  /** The barriers of all writers have come to the collector. */
  Snapshot collect() throws Exception {
    for (int writer = 0; writer < writers.parallelism(); writer++) {
      barrier(writer);
    }
    Snapshot taken = new Snapshot(writers.collect(barrier), plannedAt.get(barrier));
    barrier = -1;
    return taken;
  }

  /** The checkpoint is given up: its barrier is not waited for any more. */
  void abort() {
    barrier = -1;
  }

  void complete(long checkpointId) throws Exception {
    writers.complete(checkpointId);
    if (plannedAt.getOrDefault(checkpointId, 0L) >= stop) {
      stop = Long.MAX_VALUE;
    }
  }

  long planned() {
    return planned;
  }

  Writers writers() {
    return writers;
  }

  /** The rows after so many changes. */
  static Map<String, String> rowsAfter(long changes) {
    Map<String, String> rows = new TreeMap<>();
    for (long i = 0; i < changes; i++) {
      RowData change = change(i);
      String id = change.getString(0).toString();
      if (change.getRowKind() == RowKind.DELETE) {
        rows.remove(id);
      } else {
        rows.put(id, TableOnDisk.text(Numbers.SILVER.columns(), change));
      }
    }
    return rows;
  }

  private static RowData change(long i) {
    RowKind kind =
        i % DELETES == DELETES - 1
            ? RowKind.DELETE
            : i < KEYS ? RowKind.INSERT : RowKind.UPDATE_AFTER;
    return Numbers.change(kind, "key" + i % KEYS, i);
  }

  @Override
  public void close() throws Exception {
    writers.close();
  }

  /** What Flink keeps of a checkpoint. */
  record Snapshot(Checkpoint writers, long planned) {
    static final Snapshot NONE = new Snapshot(Checkpoint.NONE, Span.START);
  }
}
