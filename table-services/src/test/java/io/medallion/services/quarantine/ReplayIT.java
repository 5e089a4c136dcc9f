package io.medallion.services.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import io.medallion.services.audit.AuditCommand;
import io.medallion.services.verify.VerifyCommand;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import io.medallion.testing.PipelineCopy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that a reference kept out, brought in once it is complete: on real jobs, with kills. */
class ReplayIT {

  /** As docs/quarantine.md has it. */
  private static final String IN_QUARANTINE =
      """
      SELECT * FROM silver.transactions_quarantine AS q WHERE _replayed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM silver.transactions_quarantine AS r WHERE r._replayed_at IS NOT NULL
          AND r.topic = q.topic AND r.`partition` = q.`partition` AND r.`offset` = q.`offset`)
      """;

  private static final long LIFETIME_MS = 2_000;
  private static final String LIFETIME = "  state-lifetime: 2 s\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private PipelineCopy copy;
  private String warehouse;
  private Broker broker;
  private long sent;

  @Test
  void aReplayBringsEventsIntoSilverOnceAndTheLedgerAddsUp() throws Exception {
    copy = PipelineCopy.in(folder);
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker = kafka;
      broker.createTopic("transactions", 2);

      // Given five events of a region that the reference does not have, one of them corrected
      flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      for (int i = 0; i < 10; i++) {
        sendNew("E" + i, "EU", "1.00");
      }
      for (int i = 0; i < 5; i++) {
        sendNew("M" + i, "MARS", "2.00");
      }
      send(
          """
          {"transaction_id": "M0", "update_type": "CORRECTION", "amount": 5.00, "timestamp": 1700006400001}
          """);
      send("not json");
      sendNew("T", "EU", "\"twelve\"");
      Drained.intoGold(warehouse, pipeline(), sent);
      assertThat(states()).isEqualTo(Map.of("applied", 10L, "pending", 1L, "quarantined", 7L));
      assertThat(run("list", "--limit", "0", "--rule", "region is known").out())
          .endsWith("5 events in silver.transactions_quarantine; the newest 0 are shown.\n");

      // When the reference is completed while silver is down, and a replay is asked for
      String savepoint = flink.stop(silver);
      copy.change("reference/regions.csv", "EU", "EU\nMARS");
      Ran early = run("replay", "--rule", "region is known", "--wait", "0s");

      // Then the request stands
      assertThat(early.code()).isEqualTo(1);
      assertThat(early.err())
          .isEqualTo(
              """
              Request 1: 5 events. Waiting for refine-silver.
              refine-silver has not taken request 1 within 0s. It stands, and is taken when the job runs.
              """);

      // When silver goes on, its TaskManager is lost, and all is asked for again
      silver = flink.resume(RefineSilverJob.JOB, pipeline(), warehouse, savepoint);
      flink.replaceTaskManager();
      Ran again = run("replay", "--json");

      // Then what can be taken is in silver once, the correction of it applied
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(JSON.readTree(again.out()).get("request").longValue()).isEqualTo(2);
      assertThat(JSON.readTree(again.out()).get("quarantined").longValue()).isEqualTo(2);
      Drained.intoGold(warehouse, pipeline(), sent);
      assertReplayed();

      // When it is asked for once more, then nothing changes
      assertThat(run("replay", "--rule", "region is known").out())
          .isEqualTo("No such event in silver.transactions_quarantine.\n");
      assertThat(run("replay", "--since", Instant.now().plus(Duration.ofHours(1)).toString()).out())
          .isEqualTo("No such event in silver.transactions_quarantine.\n");
      assertThat(run("replay", "--rule", "malformed-json").out())
          .isEqualTo(
              "Request 3: 1 events judged again. 0 are in silver now, 1 stay in quarantine.\n");
      assertReplayed();

      // When silver begins anew without a checkpoint, by a rule that would take none of them
      flink.stop(silver);
      copy.change("reference/regions.csv", "EU\nMARS", "EU");
      flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      sendNew("E0", "EU", "1.00");
      sendNew("M9", "MARS", "9.00");
      send(
          """
          {"transaction_id": "M1", "update_type": "CORRECTION", "amount": 6.00, "timestamp": 1700006400001}
          """);
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then what was in silver is in it, as it was, and the rule is for what comes
      assertThat(states())
          .isEqualTo(Map.of("applied", 17L, "duplicate", 1L, "quarantined", 3L, "pending", 0L));
      assertThat(silverRows())
          .hasSize(15)
          .contains(Row.of("M0", "MARS", "5.00"), Row.of("M1", "MARS", "6.00"));
      assertClean();
    }
  }

  @Test
  void aReplayThatOnlyTheQuarantineHasComesIntoSilverAsItWas() throws Exception {
    copy = PipelineCopy.in(folder);
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker = kafka;
      broker.createTopic("transactions", 2);

      // Given two replays, and a crash before silver had committed the second one
      JobID bronze = flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      JobID gold = flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      sendNew("E", "EU", "1.00");
      sendNew("M", "MARS", "2.00");
      sendNew("P", "PLUTO", "4.00");
      Drained.intoGold(warehouse, pipeline(), sent);
      String savepoint = flink.stop(silver);
      flink.stop(gold);
      copy.change("reference/regions.csv", "EU", "EU\nMARS\nPLUTO");
      silver = flink.resume(RefineSilverJob.JOB, pipeline(), warehouse, savepoint);
      assertThat(run("replay", "--rule", "region is known", "--since", "1h").code()).isZero();
      sendNew("V", "VENUS", "8.00");
      await(3);
      flink.stop(silver);
      copy.change("reference/regions.csv", "MARS\nPLUTO", "VENUS");
      silver = flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      assertThat(run("replay").code()).isZero();
      flink.stop(silver);
      flink.stop(bronze);
      undoNewestCommit(Tables.silver(pipeline()));
      assertThat(silverRows()).hasSize(3);

      // When the job begins without a checkpoint, by a rule that would take none of them
      copy.change("reference/regions.csv", "EU\nVENUS", "EU");
      flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      sendNew("F", "EU", "16.00");
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then all of them are in silver
      assertThat(states()).isEqualTo(Map.of("applied", 5L, "quarantined", 0L));
      assertThat(silverRows())
          .containsExactlyInAnyOrder(
              Row.of("E", "EU", "1.00"),
              Row.of("M", "MARS", "2.00"),
              Row.of("P", "PLUTO", "4.00"),
              Row.of("V", "VENUS", "8.00"),
              Row.of("F", "EU", "16.00"));
      assertClean();
    }
  }

  /** Until so many events are in silver's quarantine or were. */
  private void await(long quarantined) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () -> {
              Progress progress = Drained.progress(warehouse, Tables.quarantine(pipeline()));
              assertThat(
                      progress.counter(Progress.QUARANTINED) + progress.counter(Progress.REPLAYED))
                  .isEqualTo(quarantined);
            });
  }

  /** What is left when a job dies before the commit. */
  private void undoNewestCommit(TableDefinition table) throws IOException {
    Path timeline = Path.of(URI.create(table.path(warehouse))).resolve(".hoodie");
    try (Stream<Path> files = Files.list(timeline)) {
      Files.delete(
          files
              .filter(file -> file.toString().endsWith(".deltacommit"))
              .max(Comparator.naturalOrder())
              .orElseThrow());
    }
  }

  @Test
  void whatComesForASealedKeyIsInQuarantineAndStaysThere() throws Exception {
    copy = PipelineCopy.in(folder).change("pipeline.yaml", "silver:\n", "silver:\n" + LIFETIME);
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker = kafka;
      broker.createTopic("transactions", 2);
      flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);

      // Given a row of which nothing comes for its lifetime
      sendNew("A", "EU", "1.00");
      Drained.intoGold(warehouse, pipeline(), sent);
      Thread.sleep(LIFETIME_MS);

      // When it is corrected, and another one comes
      send(
          """
          {"transaction_id": "A", "update_type": "CORRECTION", "amount": 5.00, "timestamp": 1700006400001}
          """);
      sendNew("B", "EU", "2.00");
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then it stays as it was, its correction is kept, and no replay brings that in
      assertThat(states()).isEqualTo(Map.of("applied", 2L, "quarantined", 1L));
      assertThat(silverRows())
          .containsExactlyInAnyOrder(Row.of("A", "EU", "1.00"), Row.of("B", "EU", "2.00"));
      assertThat(run("replay").out())
          .isEqualTo(
              "Request 1: 1 events judged again. 0 are in silver now, 1 stay in quarantine.\n");
      assertThat(run("show", "transactions-1@0").out())
          .contains("rules           state-lifetime", "\"amount\": 5.00");
      assertClean();
    }
  }

  private void assertReplayed() throws Exception {
    assertThat(states()).isEqualTo(Map.of("applied", 16L, "quarantined", 2L, "pending", 0L));
    assertThat(silverRows())
        .hasSize(15)
        .contains(Row.of("M0", "MARS", "5.00"), Row.of("M1", "MARS", "2.00"));
    assertThat(run("list", "--limit", "0").out())
        .contains("malformed-json", "type: amount")
        .doesNotContain("region is known")
        .endsWith("2 events in silver.transactions_quarantine; the newest 0 are shown.\n");
    assertThat(new HudiReader(warehouse).query(IN_QUARANTINE)).hasSize(2);
    assertThat(run("show", "transactions-1@5").out())
        .contains("rules           region is known", "replayed at     ", "\"M1\"");
    assertClean();
  }

  private void assertClean() {
    Ran audit =
        Ran.onTables(
            new AuditCommand(), copy.folder(), warehouse, "--bootstrap-servers", broker.address());
    assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
    Ran verify = Ran.onTables(new VerifyCommand(), copy.folder(), warehouse);
    assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
  }

  /** The states that events are in, all partitions together. */
  private Map<String, Long> states() {
    Progress progress = Drained.progress(warehouse, Tables.silver(pipeline()));
    Map<String, Long> states = new TreeMap<>();
    Progress.FINAL_STATES.stream()
        .filter(progress.counters()::containsKey)
        .forEach(state -> states.put(state, progress.counter(state)));
    return states;
  }

  private List<Row> silverRows() {
    return new HudiReader(warehouse)
        .query("SELECT transaction_id, region, CAST(amount AS STRING) FROM silver.transactions");
  }

  private Ran run(String... more) {
    return Ran.onTables(new QuarantineCommand(), copy.folder(), warehouse, more);
  }

  private PipelineDefinition pipeline() {
    return copy.load(broker);
  }

  private void sendNew(String id, String region, String amount) throws Exception {
    send(
        """
        {"transaction_id": "%s", "update_type": "NEW", "customer_id": "c", "amount": %s,
         "product_category": "toys", "region": "%s", "timestamp": 1700006400000}
        """
            .formatted(id, amount, region));
  }

  private void send(String event) throws Exception {
    broker.send(
        new ProducerRecord<>(
            "transactions",
            (int) (sent % 2),
            "k".getBytes(StandardCharsets.UTF_8),
            event.getBytes(StandardCharsets.UTF_8)));
    sent++;
  }
}
