package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.TableFiles;
import io.medallion.io.WatchCommits;
import io.medallion.schemas.Layer;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.kafka.common.KafkaException;

/**
 * Reads the commits of a pipeline's tables, some of bronze's files, and what waits in Kafka; needs
 * no job. What was read once is remembered for the next look.
 */
public final class ReadStatus implements AutoCloseable {
  /** Listing the files of a table takes much longer than reading its newest commits. */
  private static final Duration LIST_FILES_EVERY = Duration.ofSeconds(30);

  /** Where listing takes long, so much more of the time is without it. */
  private static final int LISTING_TAKES_ONE_IN = 10;

  private static final Duration LEAVE_KAFKA_ALONE = Duration.ofSeconds(10);

  /** Of what came before the window, too, it is known when it was seen. */
  private static final int KEEP_WINDOWS = 2;

  private final PipelineDefinition pipeline;
  private final String warehouse;
  private final Optional<Map<String, String>> client;
  private final Duration window;
  private final WatchCommits bronze;
  private final WatchCommits silver;
  private final List<WatchCommits> gold;
  private final SampleRecords samples;
  private final Map<TableDefinition, TableFiles> files = new HashMap<>();

  private List<TableLog> logs = List.of();
  private Instant listFilesFrom = Instant.EPOCH;
  private Instant askKafkaFrom = Instant.EPOCH;
  private String kafkaFailure = "";
  private Optional<KafkaBacklog> kafka = Optional.empty();

  /**
   * @param client Kafka client properties; empty to leave Kafka alone
   * @param window how far back commits are counted, latencies are sampled and the objective is
   *     judged
   */
  public ReadStatus(
      PipelineDefinition pipeline,
      String warehouse,
      Optional<Map<String, String>> client,
      Duration window) {
    this.pipeline = pipeline;
    this.warehouse = warehouse;
    this.client = client;
    this.window = window;
    this.bronze = watch(Tables.bronze(pipeline));
    this.silver = watch(Tables.silver(pipeline));
    this.gold = pipeline.gold().stream().map(table -> watch(Tables.gold(table))).toList();
    this.samples = new SampleRecords(bronze);
  }

  private WatchCommits watch(TableDefinition table) {
    return new WatchCommits(warehouse, table, window.multipliedBy(KEEP_WINDOWS));
  }

  /** Looks at all of it. */
  public PipelineStatus look() {
    List<String> notices = new ArrayList<>();
    // Backwards: what a table has taken is known of the one before it.
    List<Looked> goldLooks = gold.stream().map(Looked::at).toList();
    Looked silverLook = Looked.at(silver);
    TableLog bronzeLog = Looked.at(bronze).behind(null);
    TableLog silverLog = silverLook.behind(bronzeLog);
    List<TableLog> looked = new ArrayList<>(List.of(bronzeLog, silverLog));
    goldLooks.forEach(look -> looked.add(look.behind(silverLog)));
    logs = List.copyOf(looked);
    Optional<Waiting> inKafka = inKafka(bronzeLog, notices);
    Instant now = Instant.now();
    Map<String, SampleRecords.Sampled> sampled = samples.of(inWindow(bronzeLog, now));
    notices.addAll(CompareClocks.findings(logs, sampled, inKafka, now));
    listFiles();
    return new PipelineStatus(
        pipeline.name(),
        now,
        pipeline.freshnessObjective(),
        window,
        new AssessLayers(inKafka, pipeline.freshnessObjective(), now, window)
            .assess(logs, files::get),
        latency(logs, sampled),
        notices);
  }

  /** What the last look read of the tables, in the order of the data. */
  public List<TableLog> logs() {
    return logs;
  }

  /** The commits of a table, and when they were read. */
  private record Looked(TableDefinition table, Instant asOf, List<Commit> commits) {
    static Looked at(WatchCommits table) {
      Instant asOf = Instant.now();
      return new Looked(table.table(), asOf, table.look());
    }

    TableLog behind(@Nullable TableLog upstream) {
      return new TableLog(table, upstream, commits, asOf);
    }
  }

  private List<Commit> inWindow(TableLog log, Instant now) {
    Instant from = now.minus(window);
    return log.commits().stream().filter(commit -> commit.visibleAt().isAfter(from)).toList();
  }

  /** Empty when it is not known; a Kafka that did not answer is left alone for a while. */
  private Optional<Waiting> inKafka(TableLog bronzeLog, List<String> notices) {
    if (client.isEmpty()) {
      return Optional.empty();
    }
    Instant now = Instant.now();
    if (now.isAfter(askKafkaFrom)) {
      try {
        if (kafka.isEmpty()) {
          kafka = Optional.of(KafkaBacklog.of(client.get(), pipeline.source().topics()));
        }
        kafkaFailure = "";
        return Optional.of(kafka.get().behind(bronzeLog.progress(), now));
      } catch (KafkaException failure) {
        Throwable reason = failure.getCause() == null ? failure : failure.getCause();
        kafkaFailure = String.valueOf(reason.getMessage());
        askKafkaFrom = Instant.now().plus(LEAVE_KAFKA_ALONE);
      }
    }
    notices.add(
        "What waits in Kafka at %s is not known: %s"
            .formatted(client.get().get("bootstrap.servers"), kafkaFailure));
    return Optional.empty();
  }

  /** Whether it had no files when they were listed, and has commits now. */
  private boolean isNew(TableLog log) {
    return log.newest().isPresent()
        && TableFiles.NONE.equals(files.getOrDefault(log.table(), TableFiles.NONE));
  }

  private void listFiles() {
    Instant begin = Instant.now();
    if (begin.isBefore(listFilesFrom) && logs.stream().noneMatch(this::isNew)) {
      return;
    }
    logs.forEach(log -> files.put(log.table(), TableFiles.of(warehouse, log.table())));
    Instant end = Instant.now();
    listFilesFrom =
        end.plus(LIST_FILES_EVERY)
            .plus(Duration.between(begin, end).multipliedBy(LISTING_TAKES_ONE_IN));
  }

  /** Of records that readers of all last tables see. */
  private static Latency latency(List<TableLog> logs, Map<String, SampleRecords.Sampled> sampled) {
    Layer end = logs.get(logs.size() - 1).table().layer();
    List<TableLog> last = logs.stream().filter(log -> log.table().layer() == end).toList();
    Instant known =
        last.stream().map(TableLog::knownSince).max(Instant::compareTo).orElse(Instant.EPOCH);
    List<Latency.Sample> all = new ArrayList<>();
    for (Commit commit : logs.get(0).commits()) {
      SampleRecords.Sampled records = sampled.get(commit.instant());
      if (records != null && !commit.visibleAt().isBefore(known)) {
        visible(last, commit)
            .ifPresent(
                visible -> {
                  for (long time : records.timestamps()) {
                    long latency = visible.toEpochMilli() - time;
                    // A time of the future says nothing of the way.
                    if (latency > -CompareClocks.ALLOWED.toMillis()) {
                      all.add(
                          new Latency.Sample(
                              Duration.ofMillis(Math.max(0, latency)), records.weight()));
                    }
                  }
                });
      }
    }
    return new Latency(all);
  }

  private static Optional<Instant> visible(List<TableLog> last, Commit bronze) {
    Instant latest = Instant.EPOCH;
    for (TableLog log : last) {
      Optional<Instant> visible = log.bringing(bronze).map(Commit::visibleAt);
      if (visible.isEmpty()) {
        return Optional.empty();
      }
      latest = visible.get().isAfter(latest) ? visible.get() : latest;
    }
    return Optional.of(latest);
  }

  @Override
  public void close() {
    kafka.ifPresent(KafkaBacklog::close);
  }
}
