package io.medallion.fused;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.io.ledger.AuditReport;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One job instead of three, and the way from one deployment to the other, while events come. */
class FusedPipelineIT {
  private static final String TOPIC = "transactions";
  private static final long DAY = 1_700_006_400_000L; // 2023-11-15T00:00:00Z
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private String warehouse;
  private Broker broker;
  private LocalFlink flink;
  private PipelineDefinition pipeline;
  private Producer producer;

  @BeforeEach
  void start() {
    warehouse = folder.resolve("lake").toUri().toString();
    broker = new Broker(folder);
    broker.createTopic(TOPIC, 2);
    flink = new LocalFlink(folder, 2);
    pipeline =
        PipelineFolder.load(
            "../pipelines/transactions", Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
    producer = new Producer();
  }

  @AfterEach
  void stop() throws Exception {
    producer.stop();
    flink.close();
    broker.close();
  }

  @Test
  void aRunningPipelineIsFusedAndTakenApartAgain() throws Exception {
    // Given
    producer.start();
    List<JobID> jobs =
        List.of(
            flink.submit(IngestBronzeJob.JOB, pipeline, warehouse),
            flink.submit(RefineSilverJob.JOB, pipeline, warehouse),
            flink.submit(AggregateGoldJob.JOB, pipeline, warehouse));
    awaitGold();

    // When
    List<String> savepoints = new ArrayList<>();
    for (JobID job : jobs) {
      savepoints.add(flink.stop(job));
    }
    JobID fused =
        flink.resumeFromAnother(FusedPipelineJob.JOB, pipeline, warehouse, savepoints.get(1));

    // Then
    awaitRelayed();

    // When
    String savepoint = flink.stop(fused);
    flink.resumeFromAnother(IngestBronzeJob.JOB, pipeline, warehouse, savepoint);
    flink.resumeFromAnother(RefineSilverJob.JOB, pipeline, warehouse, savepoint);
    flink.resumeFromAnother(AggregateGoldJob.JOB, pipeline, warehouse, savepoint);

    // Then
    awaitGold();
    isExact();
  }

  @Test
  void aJobWithoutStateGoesOnWhereTheTablesStand() throws Exception {
    // Given
    producer.start();
    JobID first = flink.submit(FusedPipelineJob.JOB, pipeline, warehouse);
    awaitRelayed();
    String old = flink.stop(first);
    JobID second = flink.resume(FusedPipelineJob.JOB, pipeline, warehouse, old);
    awaitRelayed();
    flink.stop(second);

    // When it starts without state, then with state that is older than the tables
    JobID third = flink.submit(FusedPipelineJob.JOB, pipeline, warehouse);
    awaitRelayed();
    flink.stop(third);
    flink.resume(FusedPipelineJob.JOB, pipeline, warehouse, old);

    // Then it goes on, also when a TaskManager is lost
    awaitRelayed();
    flink.replaceTaskManager();
    awaitRelayed();
    isExact();
  }

  /** Until gold and silver of one checkpoint stand at the commits of that checkpoint. */
  private void awaitRelayed() {
    Commit newest = newest(silver());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              // Gold is fixed first: it is committed behind silver, and silver behind bronze.
              Commit gold = newest(gold());
              Commit silver = at(silver(), next(gold, silver()));
              Commit bronze = at(Tables.bronze(pipeline), next(silver, Tables.bronze(pipeline)));
              assertThat(silver.instant()).isGreaterThan(newest.instant());
              assertThat(gold.checkpointId())
                  .isEqualTo(silver.checkpointId())
                  .isEqualTo(bronze.checkpointId());
            });
  }

  private void awaitGold() {
    Commit newest = newest(silver());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(next(newest(gold()), silver()))
                    .isGreaterThan(Long.parseLong(newest.instant())));
  }

  /** Nothing lost, nothing doubled, gold as recomputed. */
  private void isExact() throws Exception {
    producer.stop();
    Drained.intoGold(warehouse, pipeline, producer.sent);
    AuditReport audit = Audit.withoutKafka(pipeline, warehouse).run(AuditProgress.NONE);
    assertThat(audit.findings()).isEmpty();
    HudiReader reader = new HudiReader(warehouse);
    List<Row> recomputed =
        reader.query(
            "SELECT transaction_date, region, product_category, COUNT(*), SUM(amount)"
                + " FROM silver.transactions GROUP BY transaction_date, region, product_category");
    assertThat(recomputed).isNotEmpty();
    assertThat(
            reader.query(
                "SELECT transaction_date, region, product_category, transaction_count, total_revenue"
                    + " FROM gold.daily_revenue"))
        .containsExactlyInAnyOrderElementsOf(recomputed);
  }

  private TableDefinition silver() {
    return Tables.silver(pipeline);
  }

  private TableDefinition gold() {
    return Tables.gold(pipeline.gold().get(0));
  }

  private Commit newest(TableDefinition table) {
    await().atMost(PATIENCE).until(() -> CommitLog.latest(warehouse, table).isPresent());
    return CommitLog.latest(warehouse, table).orElseThrow();
  }

  private Commit at(TableDefinition table, long instant) {
    List<Commit> named =
        CommitLog.active(warehouse, table).stream()
            .filter(commit -> commit.instant().equals(String.valueOf(instant)))
            .toList();
    assertThat(named).as("commit %d of %s", instant, table.qualifiedName()).hasSize(1);
    return named.get(0);
  }

  private static long next(Commit commit, TableDefinition input) {
    return commit.progress().nextByInput().get(input.qualifiedName());
  }

  /** A hundred events a second of a few hundred keys: new, again, corrected, reversed, bad. */
  private final class Producer implements Runnable {
    private final Random random = new Random(5);
    private final AtomicBoolean runs = new AtomicBoolean();
    private Thread thread;
    private long sent;

    void start() {
      runs.set(true);
      thread = new Thread(this, "producer");
      thread.start();
    }

    void stop() throws InterruptedException {
      runs.set(false);
      if (thread != null) {
        thread.join();
      }
    }

    @Override
    public void run() {
      while (runs.get()) {
        String event = event();
        broker.send(
            new ProducerRecord<>(
                TOPIC, random.nextInt(2), null, event.getBytes(StandardCharsets.UTF_8)));
        sent++;
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }

    private String event() {
      int id = random.nextInt(300);
      long time = DAY + random.nextInt(3) * 86_400_000L + random.nextInt(1_000_000);
      return switch (random.nextInt(10)) {
        case 0 ->
            "{\"transaction_id\":\"T%d\",\"update_type\":\"REVERSAL\",\"timestamp\":%d}"
                .formatted(id, time);
        case 1, 2 ->
            "{\"transaction_id\":\"T%d\",\"update_type\":\"CORRECTION\",\"amount\":%d.25,\"timestamp\":%d}"
                .formatted(id, random.nextInt(100), time);
        case 3 -> "not json";
        default ->
            """
            {"transaction_id":"T%d","update_type":"NEW","customer_id":"c%d","amount":%d.50,"region":"%s",\
            "product_category":"%s","description":"d","timestamp":%d}"""
                .formatted(
                    id,
                    random.nextInt(20),
                    random.nextInt(100),
                    List.of("US", "EU", "APAC").get(random.nextInt(3)),
                    List.of("toys", "home").get(random.nextInt(2)),
                    time);
      };
    }
  }
}
