package io.medallion.histories;

import static org.awaitility.Awaitility.await;

import io.medallion.gold.GoldStreams;
import io.medallion.histories.PlannedFailures.FailAsPlanned;
import io.medallion.histories.PlannedFailures.Place;
import io.medallion.io.Input;
import io.medallion.io.Job;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.schemas.Tables;
import io.medallion.silver.SilverStreams;
import io.medallion.testing.LocalFlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;

/**
 * Runs records through the operators of silver and gold in one job:
 *
 * <pre>
 * records ──▶ decode events ──by key──▶ merge by key ──▶ Flink SQL ──by group──▶ keep last ──▶ rows
 * </pre>
 *
 * with what a checkpoint has committed in place of tables.
 */
final class RunHistories {
  static final PipelineDefinition PIPELINE =
      PipelineFolder.load("src/test/resources/histories", Map.of());

  private static final TableDefinition SILVER = Tables.silver(PIPELINE);
  private static final String DECODED = "reports of decode events";
  private static final String MERGED = "reports of merge by key";
  private static final Duration CHECKPOINTS = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final LocalFlink flink;
  private final Path folder;
  private final List<List<Sent>> read;
  private final int recordsPerCheckpoint;
  private final Mutation mutation;

  /**
   * @param read for each reader its records
   * @param checkpoints about so many are to come before all records are through
   */
  RunHistories(
      LocalFlink flink, Path folder, List<List<Sent>> read, int checkpoints, Mutation mutation) {
    this.flink = flink;
    this.folder = folder;
    this.read = read.stream().map(List::copyOf).toList();
    this.recordsPerCheckpoint = Math.max(2 * read.size(), records() / checkpoints);
    this.mutation = mutation;
    CommittedRows.clear();
  }

  private int records() {
    return read.stream().mapToInt(List::size).sum();
  }

  /** Starts from the first record. */
  JobID start(int parallelism) throws Exception {
    return flink.submit(job(parallelism), PIPELINE, warehouse());
  }

  /** Stops with a savepoint and goes on from there with another parallelism. */
  JobID rescale(JobID job, int parallelism) throws Exception {
    PlannedFailures.hold(true);
    List<String> savepoint = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              savepoint.add(flink.stop(job));
              return true;
            });
    JobID resumed = flink.resume(job(parallelism), PIPELINE, warehouse(), savepoint.get(0));
    PlannedFailures.hold(false);
    return resumed;
  }

  /** Waits until so much of the records is committed through all operators. */
  void awaitCommitted(double share) {
    long records = (long) Math.ceil(share * records());
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> progress(DECODED).counter(Progress.INPUT) >= records);
  }

  void stop(JobID job) throws Exception {
    PlannedFailures.hold(true);
    flink.stop(job);
  }

  private String warehouse() {
    return folder.resolve("lake").toUri().toString();
  }

  private Job job(int parallelism) {
    return new Job(
        "histories",
        "records → gold",
        false,
        (env, pipeline, lakehouse) -> define(env.setParallelism(parallelism)));
  }

  private void define(StreamExecutionEnvironment env) {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
    env.configure(settings);
    env.enableCheckpointing(CHECKPOINTS.toMillis());

    SingleOutputStreamOperator<RowData> events =
        SilverStreams.decode(fail(records(env), Place.BEFORE_SILVER), PIPELINE);
    commitReports(events, DECODED);
    SingleOutputStreamOperator<RowData> quarantined = SilverStreams.quarantined(events, PIPELINE);
    commit(quarantined, Tables.quarantine(PIPELINE), Held.QUARANTINE);
    SingleOutputStreamOperator<RowData> changes =
        SilverStreams.merge(SilverStreams.edit(events, PIPELINE, mutation.meetings()), PIPELINE);
    commitReports(changes, MERGED);
    commit(changes, SILVER, Held.SILVER);
    GoldStreams.aggregate(
            fail(changes.filter(mutation.changes()), Place.BETWEEN_SILVER_AND_GOLD), PIPELINE)
        .forEach((table, groups) -> commit(fail(groups, Place.BEHIND_GOLD), table, table.name()));
  }

  private DataStream<RowData> records(StreamExecutionEnvironment env) {
    return env.fromSource(
            new DataGeneratorSource<>(
                new ReadRecord(read),
                read.size() * ReadRecord.INDEXES,
                RateLimiterStrategy.perCheckpoint(recordsPerCheckpoint),
                InternalTypeInfo.of(Tables.bronze(PIPELINE).columns())),
            WatermarkStrategy.noWatermarks(),
            "records")
        .uid("records")
        // A reader of two endless parts would never come to the second.
        .setParallelism(read.size())
        .filter(ReadRecord::isRecord);
  }

  private static DataStream<RowData> fail(DataStream<RowData> rows, Place place) {
    return rows.transform("fail as planned", rows.getType(), new FailAsPlanned(place));
  }

  /** By key, as our sink takes them. */
  private static void commit(DataStream<RowData> rows, TableDefinition table, String name) {
    int keyColumns = table.key().size();
    DataStream<Row> external = GoldStreams.external(rows, table.columns());
    external
        .keyBy(row -> Held.key(row, keyColumns))
        .transform("commit " + name, external.getType(), new CommitRows(name))
        .uid("commit " + name)
        .sinkTo(new DiscardingSink<>());
  }

  private static void commitReports(SingleOutputStreamOperator<?> operator, String name) {
    DataStream<Row> reports = Input.reports(operator);
    reports
        .transform("commit " + name, reports.getType(), new CommitRows(name))
        .uid("commit " + name)
        .sinkTo(new DiscardingSink<>());
  }

  /** What is committed. */
  Held held() {
    Map<String, Map<String, Row>> tables = new TreeMap<>();
    Map<String, Row> wrong = new TreeMap<>();
    tables.put(Held.SILVER, applied(SILVER, Held.SILVER, wrong));
    PIPELINE
        .gold()
        .forEach(gold -> tables.put(gold.table(), applied(Tables.gold(gold), gold.table(), wrong)));
    tables.put(Held.QUARANTINE, quarantine());
    tables.put("changes of what is not there, or is", wrong);
    Progress progress = progress(DECODED).plus(progress(MERGED));
    Map<String, Long> counts = new TreeMap<>();
    counts.put("silver rows", progress.counter(Progress.ROWS));
    progress
        .partitions()
        .forEach(
            (partition, states) -> {
              counts.put(partition + " pending", states.getOrDefault(Progress.PENDING, 0L));
              counts.put(partition + " quarantined", states.getOrDefault(Progress.QUARANTINED, 0L));
              counts.put(
                  partition + " in a final state",
                  states.values().stream().mapToLong(Long::longValue).sum());
            });
    return new Held(tables, counts);
  }

  /** Every row that a change takes back must be there as it was, and none that it makes. */
  private static Map<String, Row> applied(
      TableDefinition table, String name, Map<String, Row> wrong) {
    boolean takesUpserts = table.writing() == Writing.UPSERT;
    Map<String, Row> rows = new TreeMap<>();
    for (Row change : CommittedRows.of(name)) {
      String key = Held.key(change, table.key().size());
      RowKind kind = change.getKind();
      Row row = Row.copy(change);
      row.setKind(RowKind.INSERT);
      boolean makes = kind == RowKind.INSERT || kind == RowKind.UPDATE_AFTER;
      Row before = makes ? rows.put(key, row) : rows.remove(key);
      boolean fits =
          takesUpserts ? makes || before != null : makes ? before == null : row.equals(before);
      if (!fits) {
        wrong.put(name + " " + key, change);
      }
    }
    return rows;
  }

  private static Map<String, Row> quarantine() {
    TableDefinition table = Tables.quarantine(PIPELINE);
    int partition = table.columns().getFieldIndex(Tables.PARTITION);
    int offset = table.columns().getFieldIndex(Tables.OFFSET);
    int payload = table.columns().getFieldIndex(Tables.PAYLOAD);
    int rules = table.columns().getFieldIndex(Tables.RULES);
    Map<String, Row> rows = new TreeMap<>();
    for (Row row : CommittedRows.of(Held.QUARANTINE)) {
      byte[] bytes = row.getFieldAs(payload);
      rows.merge(
          Sent.place(row.getFieldAs(partition), row.getFieldAs(offset)),
          Row.of(
              bytes == null ? null : new String(bytes, StandardCharsets.UTF_8),
              Arrays.toString(row.<String[]>getFieldAs(rules)),
              1),
          (one, other) -> Row.of(one.getField(0), one.getField(1), 2));
    }
    return rows;
  }

  private static Progress progress(String reports) {
    return CommittedRows.of(reports).stream()
        .map(Input::progress)
        .reduce(Progress.NONE, Progress::plus);
  }
}
