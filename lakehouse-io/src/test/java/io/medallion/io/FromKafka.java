package io.medallion.io;

import io.medallion.io.Writers.Checkpoint;
import io.medallion.schemas.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.types.Row;

/**
 * A job from two endless Kafka partitions into {@link Numbers#BRONZE} or another bronze table. Each
 * of its tasks is a source, {@link ContinueKafka} and a writer; partition {@code p} is read by task
 * {@code p modulo parallelism}.
 */
final class FromKafka implements AutoCloseable {
  static final int PARTITIONS = 2;
  private static final int MAX_PARALLELISM = 128;

  private final String warehouse;
  private final Writers writers;
  private final TableDefinition table;
  private final String topic;
  private final Map<Integer, Long> next = new TreeMap<>();
  private final Map<Integer, Long> atBarrier = new TreeMap<>();
  private List<Task> tasks = List.of();

  FromKafka(String warehouse, String job) {
    this(warehouse, new Writers(warehouse, Numbers.BRONZE, job));
  }

  FromKafka(String warehouse, Writers writers) {
    this(warehouse, writers, Numbers.BRONZE, Numbers.TOPIC);
  }

  /** Into another bronze table. */
  FromKafka(String warehouse, Writers writers, TableDefinition table, String topic) {
    this.warehouse = warehouse;
    this.writers = writers;
    this.table = table;
    this.topic = topic;
  }

  /** Starts all tasks without state; the source begins where the table stands. */
  FromKafka start(int parallelism) throws Exception {
    return restore(Snapshot.NONE, parallelism);
  }

  /** Fails the tasks that run and starts so many from a checkpoint. */
  FromKafka restore(Snapshot snapshot, int parallelism) throws Exception {
    fail();
    // The source looks before anything is recovered, as in a JobManager that starts.
    Map<String, Long> stands =
        CommitLog.latest(warehouse, table)
            .map(commit -> commit.progress().nextByInput())
            .orElse(Map.of());
    writers.restore(snapshot.writers(), parallelism);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      next.put(
          partition,
          snapshot
              .offsets()
              .getOrDefault(partition, stands.getOrDefault(topic + "-" + partition, 0L)));
    }
    tasks = new ArrayList<>();
    for (int subtask = 0; subtask < parallelism; subtask++) {
      tasks.add(new Task(subtask, parallelism, snapshot));
    }
    return this;
  }

  void fail() throws Exception {
    writers.fail();
    for (Task task : tasks) {
      task.harness.close();
    }
    tasks = List.of();
  }

  /** The source reads the next record of a partition. */
  void read(int partition) throws Exception {
    long offset = next.merge(partition, 1L, Long::sum) - 1;
    int subtask = partition % tasks.size();
    for (RowData row : tasks.get(subtask).pass(Numbers.record(table, topic, partition, offset))) {
      writers.write(subtask, row);
    }
  }

  void begin(long checkpointId) {
    writers.begin(checkpointId);
  }

  /** The barrier passes one task. */
  void barrier(int task, long checkpointId) throws Exception {
    report(task, checkpointId);
    writers.barrier(task, checkpointId);
  }

  /** The barrier passes one task, but what its writer has flushed does not arrive. */
  void barrierWithoutFiles(int task, long checkpointId) throws Exception {
    report(task, checkpointId);
    writers.barrierWithoutFiles(task, checkpointId);
  }

  private void report(int task, long checkpointId) throws Exception {
    for (int partition = task; partition < PARTITIONS; partition += tasks.size()) {
      atBarrier.put(partition, next.get(partition));
    }
    for (Row report : tasks.get(task).barrier(checkpointId)) {
      writers.report(CommitPart.progress(report));
    }
  }

  /** The barriers of all tasks have come to the collector. */
  Snapshot collect(long checkpointId) throws Exception {
    return new Snapshot(
        writers.collect(checkpointId),
        Map.copyOf(atBarrier),
        tasks.stream().map(task -> task.state).toList());
  }

  /** The barrier of a checkpoint passes everybody. */
  Snapshot flush(long checkpointId) throws Exception {
    begin(checkpointId);
    for (int task = 0; task < tasks.size(); task++) {
      barrier(task, checkpointId);
    }
    return collect(checkpointId);
  }

  void complete(long checkpointId) throws Exception {
    writers.complete(checkpointId);
  }

  /** The whole of a checkpoint. */
  Snapshot checkpoint(long checkpointId) throws Exception {
    Snapshot taken = flush(checkpointId);
    complete(checkpointId);
    return taken;
  }

  int parallelism() {
    return tasks.size();
  }

  /** Where the source is in a partition. */
  long next(int partition) {
    return next.getOrDefault(partition, 0L);
  }

  Writers writers() {
    return writers;
  }

  @Override
  public void close() throws Exception {
    fail();
    writers.close();
  }

  /** What Flink keeps of a checkpoint. */
  record Snapshot(
      Checkpoint writers, Map<Integer, Long> offsets, List<OperatorSubtaskState> continuing) {
    static final Snapshot NONE = new Snapshot(Checkpoint.NONE, Map.of(), List.of());
  }

  private final class Task {
    private final OneInputStreamOperatorTestHarness<RowData, RowData> harness;
    private OperatorSubtaskState state;

    Task(int subtask, int parallelism, Snapshot restored) throws Exception {
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new ContinueKafka(table, writers.patienceMs()), writers.task(parallelism, subtask));
      harness.setup(new RowDataSerializer(table.columns()));
      if (restored.continuing().isEmpty()) {
        harness.initializeEmptyState();
      } else {
        harness.initializeState(
            OneInputStreamOperatorTestHarness.repartitionOperatorState(
                OneInputStreamOperatorTestHarness.repackageState(
                    restored.continuing().toArray(OperatorSubtaskState[]::new)),
                MAX_PARALLELISM,
                restored.continuing().size(),
                parallelism,
                subtask));
      }
      harness.open();
    }

    List<RowData> pass(RowData record) throws Exception {
      harness.processElement(new StreamRecord<>(record));
      List<RowData> passed = harness.extractOutputValues();
      harness.getOutput().clear();
      return passed;
    }

    List<Row> barrier(long checkpointId) throws Exception {
      harness.prepareSnapshotPreBarrier(checkpointId);
      List<Row> reports = new ArrayList<>();
      if (harness.getSideOutput(CommitPart.REPORTS) != null) {
        harness.getSideOutput(CommitPart.REPORTS).forEach(each -> reports.add(each.getValue()));
        harness.getSideOutput(CommitPart.REPORTS).clear();
      }
      state = harness.snapshot(checkpointId, 0);
      return reports;
    }
  }
}
