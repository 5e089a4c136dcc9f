package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.sink.partitioner.BucketIndexPartitioner;

/**
 * All that writes to a table, without a cluster: its writers, what collects their parts, and the
 * JobManager that commits. The test says what Flink would, step by step.
 */
final class Writers implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final OpenTimeline HUDI = conf -> new TableTimeline(conf, Clock.systemUTC());
  private static final int MAX_WRITERS = 3;

  private final TableDefinition table;
  private final Configuration conf;
  private final JobManager jobManager;
  private final long patienceMs;
  private final List<Tuple3<Long, Long, Long>> flushed = new ArrayList<>();
  private int attempt = -1;
  private List<Writer> writers = List.of();
  private Collector collector;

  /**
   * A JobManager that starts; no task runs yet.
   *
   * @param job the same one for the JobManagers of one job
   */
  Writers(String warehouse, TableDefinition table, String job) {
    this(warehouse, table, job, PATIENCE, HUDI, Map.of());
  }

  /**
   * @param patience how long writers wait for an answer
   * @param timeline opens the table's
   * @param settings of Hudi's, others than the product's
   */
  Writers(
      String warehouse,
      TableDefinition table,
      String job,
      Duration patience,
      OpenTimeline timeline,
      Map<String, String> settings) {
    this(
        warehouse,
        table,
        patience,
        settings,
        conf ->
            new JobManager(
                table.qualifiedName(), job, () -> timeline.open(conf), JobManager.NO_RENEWAL));
  }

  private Writers(
      String warehouse,
      TableDefinition table,
      Duration patience,
      Map<String, String> settings,
      Function<Configuration, JobManager> start) {
    this.table = table;
    this.patienceMs = patience.toMillis();
    HudiTable hudi = new HudiTable(table, warehouse);
    if (!Files.exists(Path.of(URI.create(hudi.path())).resolve(".hoodie/hoodie.properties"))) {
      hudi.createIfMissing();
    }
    conf = hudi.writing(MAX_WRITERS, patience);
    settings.forEach(conf::setString);
    jobManager = start.apply(conf);
  }

  /** Writers of the same job to a table that is made of this one. */
  Writers toTableBehind(TableDefinition behind, String warehouse) {
    return new Writers(
        warehouse,
        behind,
        PATIENCE,
        Map.of(),
        theirs -> jobManager.ofTableBehind(behind.qualifiedName(), () -> HUDI.open(theirs)));
  }

  /** Starts all tasks without state. */
  Writers start(int parallelism) throws Exception {
    return restore(Checkpoint.NONE, parallelism);
  }

  /** Fails the tasks that run and starts so many writers from a checkpoint. */
  Writers restore(Checkpoint checkpoint, int parallelism) throws Exception {
    fail();
    jobManager.coordinator().resetToCheckpoint(checkpoint.id(), new byte[0]);
    attempt++;
    collector = new Collector(checkpoint);
    writers = new ArrayList<>();
    for (int subtask = 0; subtask < parallelism; subtask++) {
      writers.add(new Writer(parallelism, subtask, checkpoint));
    }
    return this;
  }

  /** The tasks of this attempt are gone. */
  void fail() throws Exception {
    for (Writer writer : leave()) {
      writer.close();
    }
    if (collector != null) {
      collector.harness.close();
      collector = null;
    }
  }

  /** Where a change goes, of how many writers there are. */
  int writerOf(RowData change) throws Exception {
    return new BucketIndexPartitioner<>(
            conf.get(FlinkOptions.BUCKET_INDEX_NUM_BUCKETS), OptionsResolver.getIndexKeyField(conf))
        .partition(writers.get(0).record(change).getKey(), writers.size());
  }

  int parallelism() {
    return writers.size();
  }

  /** The attempt has failed, as the JobManager sees it; its writers have not heard of it. */
  List<Writer> leave() {
    if (attempt >= 0) {
      jobManager
          .coordinator()
          .executionAttemptFailed(0, attempt, new IllegalStateException("Planned failure"));
    }
    List<Writer> left = writers;
    writers = List.of();
    return left;
  }

  /** A row comes to the writer that Flink would send it to, of an append table to the given one. */
  void write(int writer, RowData row) throws Exception {
    writers.get(writer).write(row);
  }

  /** A change comes to the writer of its bucket. */
  void change(RowData row) throws Exception {
    write(writerOf(row), row);
  }

  /** An operator says what it has done since the last barrier. */
  void report(Progress progress) throws Exception {
    collector.take(CommitPart.report(progress));
  }

  /** The JobManager begins a checkpoint. */
  void begin(long checkpointId) {
    CompletableFuture<byte[]> begun = new CompletableFuture<>();
    jobManager.coordinator().checkpointCoordinator(checkpointId, begun);
    if (!begun.isDone()) {
      throw new AssertionError("The coordinator does not begin checkpoint " + checkpointId);
    }
    jobManager.check();
  }

  /** The barrier passes one writer, behind what it has written. */
  void barrier(int writer, long checkpointId) throws Exception {
    for (Row part : writers.get(writer).barrier(checkpointId)) {
      collector.take(part);
    }
  }

  /** The barrier passes one writer; what that sends on before it is lost. */
  void barrierWithoutFiles(int writer, long checkpointId) throws Exception {
    writers.get(writer).barrier(checkpointId);
  }

  /** The barriers of all writers have come to the collector. */
  Checkpoint collect(long checkpointId) throws Exception {
    Checkpoint taken =
        new Checkpoint(
            checkpointId,
            List.of(collector.harness.snapshot(checkpointId, 0)),
            writers.stream().map(writer -> writer.state).toList());
    jobManager.check();
    return taken;
  }

  /** The barrier of a checkpoint passes everybody. */
  Checkpoint flush(long checkpointId) throws Exception {
    begin(checkpointId);
    for (int writer = 0; writer < writers.size(); writer++) {
      barrier(writer, checkpointId);
    }
    return collect(checkpointId);
  }

  /** Flink says that a checkpoint is complete, to the JobManager and to the tasks. */
  void complete(long checkpointId) throws Exception {
    jobManager.coordinator().notifyCheckpointComplete(checkpointId);
    jobManager.check();
    if (collector != null) {
      collector.harness.notifyOfCompletedCheckpoint(checkpointId);
    }
  }

  /** The whole of a checkpoint. */
  Checkpoint checkpoint(long checkpointId) throws Exception {
    Checkpoint taken = flush(checkpointId);
    complete(checkpointId);
    return taken;
  }

  /** The instants that the writers have told who follows the table, since the last call. */
  List<Tuple3<Long, Long, Long>> instants() {
    List<Tuple3<Long, Long, Long>> instants = new ArrayList<>(flushed);
    flushed.clear();
    return instants;
  }

  JobManager jobManager() {
    return jobManager;
  }

  /** What a task of this job sees of Flink. */
  ConnectedTask task(int parallelism, int subtask) {
    return new ConnectedTask(
        Map.of(table.qualifiedName(), jobManager.coordinator()), parallelism, subtask);
  }

  /** How long the tasks wait for an answer. */
  long patienceMs() {
    return patienceMs;
  }

  /** The configuration of the writers. */
  Configuration conf() {
    return conf;
  }

  @Override
  public void close() throws Exception {
    fail();
    jobManager.close();
  }

  /** Opens a timeline for writers with this configuration. */
  @FunctionalInterface
  interface OpenTimeline {
    TableTimeline open(Configuration conf) throws IOException;
  }

  /** What Flink keeps of a checkpoint; the states of the collector and of each writer. */
  record Checkpoint(
      long id, List<OperatorSubtaskState> collector, List<OperatorSubtaskState> writers) {
    static final Checkpoint NONE = new Checkpoint(-1, List.of(), List.of());
  }

  private static void initialize(
      OneInputStreamOperatorTestHarness<?, ?> harness, List<OperatorSubtaskState> states)
      throws Exception {
    if (states.isEmpty()) {
      harness.initializeEmptyState();
    } else {
      harness.initializeState(
          OneInputStreamOperatorTestHarness.repackageState(
              states.toArray(OperatorSubtaskState[]::new)));
    }
    harness.open();
  }

  /** Takes the parts of all writers and the reports; tells the coordinator. */
  private final class Collector {
    private final OneInputStreamOperatorTestHarness<Row, Object> harness;

    Collector(Checkpoint restored) throws Exception {
      int mine = attempt;
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new CollectCommits(
                  table.qualifiedName(),
                  event -> {
                    try {
                      jobManager.coordinator().handleEventFromOperator(0, mine, event);
                    } catch (Exception failure) {
                      throw new IllegalStateException("The coordinator refused an event", failure);
                    }
                  }),
              task(1, 0));
      harness.setup();
      initialize(harness, restored.collector());
      jobManager.check();
    }

    void take(Row part) throws Exception {
      harness.processElement(new StreamRecord<>(part));
    }
  }

  /** One writer of an attempt. */
  final class Writer implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<Object, Row> harness;
    private final ToRecords toRecord;
    private OperatorSubtaskState state;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Writer(int parallelism, int subtask, Checkpoint restored) throws Exception {
      boolean append = table.writing() == Writing.APPEND;
      toRecord = new ToRecords(table, conf);
      toRecord.open(DefaultOpenContext.INSTANCE);
      WriteOperator operator =
          append
              ? new WriteOperator<>(
                  table.qualifiedName(), new AppendRows(conf, table.columns()), patienceMs)
              : new WriteOperator<>(table.qualifiedName(), new UpsertRows(conf), patienceMs);
      harness = new OneInputStreamOperatorTestHarness<>(operator, task(parallelism, subtask));
      harness.setup(
          CommitPart.TYPE.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
      initialize(harness, restored.writers());
    }

    private HoodieRecord<?> record(RowData row) throws Exception {
      return toRecord.map(row);
    }

    void write(RowData row) throws Exception {
      harness.processElement(
          new StreamRecord<>(table.writing() == Writing.APPEND ? row : record(row)));
    }

    /** Returns what it sends on. */
    List<Row> barrier(long checkpointId) throws Exception {
      harness.prepareSnapshotPreBarrier(checkpointId);
      List<Row> parts = harness.extractOutputValues();
      harness.getOutput().clear();
      if (harness.getSideOutput(RelayRows.COUNTS) != null) {
        harness.getSideOutput(RelayRows.COUNTS).forEach(each -> flushed.add(each.getValue()));
        harness.getSideOutput(RelayRows.COUNTS).clear();
      }
      state = harness.snapshot(checkpointId, 0);
      return parts;
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }
}
