package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two writers that fail at the worst moments: every row is in the table once. */
class ExactlyOnceIT {
  private static final int WRITERS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Rows of each of the two halves; later ones of the endless source are dropped. */
  private static final int ROWS = 200;

  private static final int ROWS_PER_CHECKPOINT = 40;
  private static final long HALF = 1_000_000_000;
  private static final int KEYS = 30;

  private static final RowType COLUMNS =
      (RowType)
          DataTypes.ROW(
                  DataTypes.FIELD("id", DataTypes.STRING().notNull()),
                  DataTypes.FIELD("half", DataTypes.STRING()),
                  DataTypes.FIELD("number", DataTypes.BIGINT()))
              .notNull()
              .getLogicalType();

  private static final Queue<String> FOLLOWED = new ConcurrentLinkedQueue<>();

  @TempDir Path folder;
  private MiniCluster cluster;
  private Lakehouse lakehouse;

  @BeforeEach
  void startFlink() throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestOptions.BIND_PORT, "0");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2 * WRITERS)
                .build());
    cluster.start();
    lakehouse = new Lakehouse(folder.resolve("lake").toUri().toString(), "numbers");
  }

  @AfterEach
  void stopFlink() throws Exception {
    cluster.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyRowOfAnAppendTableIsThereOnceAfterAFailure(FailOnce.When failure) throws Exception {
    // Given
    TableDefinition table = table(Writing.APPEND);

    // When
    JobID job = start(table, failure);
    awaitRows(job, table);
    stop(job);

    // Then
    assertThat(read(table)).containsExactlyInAnyOrderElementsOf(written());
  }

  @ParameterizedTest
  @EnumSource
  void aKeyOfAnUpsertTableHasItsLastRowAfterAFailure(FailOnce.When failure) throws Exception {
    // Given
    TableDefinition table = table(Writing.UPSERT);

    // When
    JobID job = start(table, failure);
    awaitRows(job, table);
    stop(job);

    // Then
    assertThat(read(table)).containsExactlyInAnyOrderElementsOf(lastOfEachKey());
  }

  @ParameterizedTest
  @EnumSource
  void aFollowerOfAChangelogTableSeesEveryChangeOnceAfterAFailure(FailOnce.When failure)
      throws Exception {
    // Given a follower that has begun, with the rows that there were by then: none
    TableDefinition table = table(Writing.CHANGELOG);
    lakehouse.create(table);
    try (CommitRows nothing = new CommitRows(lakehouse.warehouse(), table)) {
      nothing.commitForeign();
    }
    FOLLOWED.clear();
    JobID follower = follow(table);
    await().atMost(PATIENCE).until(() -> completedCheckpoints(follower) > 0);

    // When
    JobID job = start(table, failure);
    awaitRows(job, table);

    // Then
    await()
        .atMost(PATIENCE)
        .during(Duration.ofSeconds(3))
        .untilAsserted(() -> assertThat(FOLLOWED).containsExactlyInAnyOrderElementsOf(written()));
    stop(job);
    stop(follower);
  }

  private long completedCheckpoints(JobID job) throws Exception {
    CheckpointStatsSnapshot checkpoints =
        cluster
            .getExecutionGraph(job)
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .getCheckpointStatsSnapshot();
    return checkpoints == null ? 0 : checkpoints.getCounts().getNumberOfCompletedCheckpoints();
  }

  private static TableDefinition table(Writing writing) {
    return new TableDefinition(
        Layer.SILVER, "numbers", COLUMNS, List.of("id"), List.of("half"), writing);
  }

  private JobID start(TableDefinition table, FailOnce.When failure) throws Exception {
    lakehouse.create(table);
    StreamExecutionEnvironment env = environment(WRITERS);
    GeneratorFunction<Long, RowData> toRow = ExactlyOnceIT::row;
    DataStream<RowData> rows =
        env.fromSource(
                new DataGeneratorSource<>(
                    toRow,
                    WRITERS * HALF,
                    RateLimiterStrategy.perCheckpoint(ROWS_PER_CHECKPOINT),
                    InternalTypeInfo.of(COLUMNS)),
                WatermarkStrategy.noWatermarks(),
                "numbers")
            .filter(row -> row.getLong(2) < ROWS)
            .transform("fail once", InternalTypeInfo.of(COLUMNS), new FailOnce(failure));
    lakehouse.write(rows, table);
    JobGraph graph = env.getStreamGraph().getJobGraph();
    JobID job = graph.getJobID();
    FailOnce.plan(checkpoint -> awaitWriters(job, checkpoint));
    cluster.submitJob(graph).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return job;
  }

  /** Until all writers but the one that runs in the failing task itself have acknowledged. */
  private void awaitWriters(JobID job, long checkpointId) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              AccessExecutionGraph graph =
                  cluster.getExecutionGraph(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
              AbstractCheckpointStats checkpoint =
                  graph.getCheckpointStatsSnapshot().getHistory().getCheckpointById(checkpointId);
              AccessExecutionJobVertex writers =
                  graph.getAllVertices().values().stream()
                      .filter(vertex -> vertex.getName().contains("write silver.numbers"))
                      .findFirst()
                      .orElseThrow();
              int others = writers.getName().contains("fail once") ? WRITERS - 1 : WRITERS;
              return checkpoint != null
                  && checkpoint
                          .getTaskStateStats(writers.getJobVertexId())
                          .getNumberOfAcknowledgedSubtasks()
                      == others;
            });
  }

  /** Until the table holds both halves to their ends, whatever else it may hold. */
  private void awaitRows(JobID job, TableDefinition table) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              assertThat(FailOnce.failures()).isEqualTo(1);
              assertThat(read(table)).containsAll(lastOfEachKey());
            });
    assertThat(statusOf(job)).isEqualTo(JobStatus.RUNNING);
    assertThat(FailOnce.restarts()).isEqualTo(Map.of(0, 1, 1, 1));
  }

  private JobStatus statusOf(JobID job) {
    return cluster.getJobStatus(job).join();
  }

  private JobID follow(TableDefinition table) throws Exception {
    StreamExecutionEnvironment env = environment(1);
    lakehouse
        .follow(env, table, List.of(), List.of())
        .input()
        .rows()
        .filter(
            row -> {
              FOLLOWED.add(
                  "%s %s %s".formatted(row.getString(0), row.getString(1), row.getLong(2)));
              return false;
            })
        .sinkTo(new DiscardingSink<>());
    JobGraph graph = env.getStreamGraph().getJobGraph();
    cluster.submitJob(graph).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return graph.getJobID();
  }

  private void stop(JobID job) throws Exception {
    cluster.cancelJob(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    cluster.requestJobResult(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private StreamExecutionEnvironment environment(int parallelism) {
    Configuration conf = new Configuration();
    conf.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    conf.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300));
    // A writer that waits for an instant in vain would wait longer than the test.
    conf.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, PATIENCE.multipliedBy(2));
    conf.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        folder.resolve("checkpoints").toUri().toString());
    conf.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    conf.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    // At once: the new writers meet the commit that their predecessors left.
    conf.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
    return StreamExecutionEnvironment.getExecutionEnvironment(conf);
  }

  private List<String> read(TableDefinition table) throws Exception {
    return ReadTable.rows(
        lakehouse.warehouse(), "SELECT id, half, number FROM lake." + table.qualifiedName());
  }

  /** The source's row: of each half, its number and one of its keys. */
  private static RowData row(long index) {
    long number = index % HALF;
    return GenericRowData.of(
        StringData.fromString(id(index / HALF, number)),
        StringData.fromString("half-" + index / HALF),
        number);
  }

  private static String id(long half, long number) {
    return half + "-" + number % KEYS;
  }

  private static List<String> written() {
    return halves(LongStream.range(0, ROWS).boxed().toList());
  }

  private static List<String> lastOfEachKey() {
    return halves(LongStream.range(ROWS - KEYS, ROWS).boxed().toList());
  }

  private static List<String> halves(List<Long> numbers) {
    return IntStream.range(0, WRITERS)
        .boxed()
        .flatMap(
            half ->
                numbers.stream()
                    .flatMap(
                        number ->
                            Stream.of("%s half-%d %d".formatted(id(half, number), half, number))))
        .toList();
  }
}
