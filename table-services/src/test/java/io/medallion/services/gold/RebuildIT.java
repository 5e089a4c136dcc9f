package io.medallion.services.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.schemas.InvalidConfigurationException;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gold query that is changed: on real jobs, from the refusal to go on to the next commits. */
class RebuildIT {
  private static final String REVENUE =
      "SELECT region, transaction_count, CAST(total_revenue AS STRING) FROM gold.daily_revenue";

  @TempDir Path folder;
  private PipelineCopy copy;
  private String warehouse;
  private Broker broker;
  private long sent;

  @Test
  void aJobWithANewVersionMakesTheTableAnewInItsFirstCommit() throws Exception {
    copy = PipelineCopy.in(folder);
    addByRegion();
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      // Given
      broker = kafka;
      JobID gold = startJobs(flink);

      // When the job is stopped, and the query of one of two tables is another one
      String savepoint = flink.stop(gold);
      Commit before = CommitLog.latest(warehouse, table("daily_revenue")).orElseThrow();
      send("E", "EU", "1.00");
      send("F", "US", "-2.00");
      changeQuery("FROM silver", "FROM silver WHERE amount > 0", 2);

      // Then what the former query had counted is not taken
      assertThatThrownBy(() -> flink.resume(AggregateGoldJob.JOB, pipeline(), warehouse, savepoint))
          .hasStackTraceContaining("Cannot map checkpoint/savepoint state for operator");

      // When the job starts without a checkpoint
      JobID second = flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then one commit has taken readers from the rows of one version to those of the other
      Commit first =
          CommitLog.active(warehouse, table("daily_revenue")).stream()
              .filter(commit -> commit.version() == 2)
              .findFirst()
              .orElseThrow();
      assertThat(first.progress().next("silver.transactions"))
          .isEqualTo(before.progress().next("silver.transactions"));
      assertThat(revenueAsOf(before))
          .containsExactlyInAnyOrder("EU 2 6.00", "US 1 -1.00", "APAC 1 3.00");
      assertThat(revenueAsOf(first)).containsExactlyInAnyOrder("EU 1 10.00", "APAC 1 3.00");
      assertThat(first.progress().counters())
          .isEqualTo(
              Map.of(
                  // What is the same in both is not written.
                  Progress.CHANGES, 2L, Progress.INPUT, 4L, Progress.ROWS, 2L));
      assertThat(revenue())
          .containsExactlyInAnyOrder(Row.of("EU", 2L, "11.00"), Row.of("APAC", 1L, "3.00"));
      assertThat(new HudiReader(warehouse).query("SELECT region, sales FROM gold.by_region"))
          .containsExactlyInAnyOrder(Row.of("EU", 3L), Row.of("US", 2L), Row.of("APAC", 1L));
      assertVerified();
      assertAudited();

      // When it is started with the former version again
      flink.stop(second);
      changeQuery("FROM silver WHERE amount > 0", "FROM silver", 1);
      assertThatThrownBy(() -> flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse))
          // Then it says what is to be done
          .isInstanceOf(InvalidConfigurationException.class)
          .hasMessage(
              """
              The gold tables cannot be used, 1 problem:
                - pipeline.yaml: gold.daily_revenue.version: found 1, expected at least 2, which \
              made the rows of gold.daily_revenue. Count it up to 3, also for a query of before, \
              and start without a checkpoint.""");
    }
  }

  @Test
  void aRebuildTakesTheTableOverInOneCommitAndTheJobGoesOnFromThere() throws Exception {
    copy = PipelineCopy.in(folder);
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      // Given
      broker = kafka;
      JobID gold = startJobs(flink);

      // When the table is rebuilt while its job writes it
      changeQuery("FROM silver", "FROM silver WHERE amount > 0", 2);
      Ran refused = rebuild("daily_revenue");

      // Then it is kept out
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .contains("gold.daily_revenue is as it was: Table gold.daily_revenue is written by job ");

      // When the job is stopped
      flink.stop(gold);
      send("E", "EU", "1.00");
      send("F", "US", "-2.00");
      Ran rebuilt = rebuild("daily_revenue");

      // Then readers have the new rows
      assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
      assertThat(rebuilt.out())
          .startsWith("gold.daily_revenue is version 2 of its query, it was 1: ")
          .contains(" rows written, 1 deleted, 2 in all, silver as of ");
      assertThat(revenue()).contains(Row.of("APAC", 1L, "3.00")).hasSize(2);
      assertVerified();

      // When the job starts without a checkpoint
      flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      send("A", "EU", "12.00", 1);
      send("G", "US", "2.00");
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then it goes on where the table stands
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              Row.of("EU", 2L, "13.00"), Row.of("US", 1L, "2.00"), Row.of("APAC", 1L, "3.00"));
      assertVerified();
      assertAudited();
    }
  }

  @Test
  void aTableThatIsNotThePipelinesIsRefused() throws Exception {
    copy = PipelineCopy.in(folder);
    warehouse = folder.toUri().toString();

    // When
    Ran ran = rebuild("daily_revenues");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            """
            The command line cannot be used, 1 problem:
              - command line: --table: found daily_revenues, expected a gold table of the pipeline: \
            [daily_revenue]. Name one of them.
            """);
  }

  private JobID startJobs(LocalFlink flink) throws Exception {
    broker.createTopic("transactions", 2);
    flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
    flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
    JobID gold = flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
    send("A", "EU", "10.00");
    send("B", "EU", "-4.00");
    send("C", "US", "-1.00");
    send("D", "APAC", "3.00");
    Drained.intoGold(warehouse, pipeline(), sent);
    assertThat(revenue())
        .containsExactlyInAnyOrder(
            Row.of("EU", 2L, "6.00"), Row.of("US", 1L, "-1.00"), Row.of("APAC", 1L, "3.00"));
    return gold;
  }

  private void addByRegion() throws Exception {
    Files.writeString(
        copy.folder().resolve("gold/by_region.sql"),
        "SELECT region, COUNT(*) AS sales FROM silver GROUP BY region");
    copy.change(
        "pipeline.yaml",
        "gold:\n",
        "gold:\n  by_region: { query: gold/by_region.sql, key: [region], version: 1 }\n");
  }

  private void changeQuery(String from, String to, int version) {
    copy.change("gold/daily_revenue.sql", from, to);
    copy.change(
        "pipeline.yaml",
        "product_category], version: " + (3 - version),
        "product_category], version: " + version);
  }

  private TableDefinition table(String name) {
    return pipeline().gold().stream()
        .filter(gold -> gold.table().equals(name))
        .map(Tables::gold)
        .findFirst()
        .orElseThrow();
  }

  private List<String> revenueAsOf(Commit commit) {
    List<String> rows = new ArrayList<>();
    new Lakehouse(warehouse, "transactions")
        .readAsOf(
            table("daily_revenue"),
            commit.instant(),
            List.of("region", "transaction_count", "total_revenue"),
            row ->
                rows.add(row.getString(0) + " " + row.getLong(1) + " " + row.getDecimal(2, 38, 2)));
    return rows;
  }

  private void assertAudited() {
    Ran audit =
        Ran.onTables(
            new AuditCommand(), copy.folder(), warehouse, "--bootstrap-servers", broker.address());
    assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
  }

  private Ran rebuild(String table) {
    return Ran.onTables(new GoldCommand(), copy.folder(), warehouse, "rebuild", "--table", table);
  }

  private void assertVerified() {
    Ran verify = Ran.onTables(new VerifyCommand(), copy.folder(), warehouse);
    assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
  }

  private List<Row> revenue() {
    return new HudiReader(warehouse).query(REVENUE);
  }

  private PipelineDefinition pipeline() {
    return copy.load(broker);
  }

  private void send(String id, String region, String amount) throws Exception {
    send(id, region, amount, 0);
  }

  private void send(String id, String region, String amount, int later) throws Exception {
    broker.send(
        new ProducerRecord<>(
            "transactions",
            (int) (sent % 2),
            "k".getBytes(StandardCharsets.UTF_8),
            """
            {"transaction_id": "%s", "update_type": "NEW", "customer_id": "c", "amount": %s,
             "product_category": "toys", "region": "%s", "timestamp": %d}
            """
                .formatted(id, amount, region, 1700006400000L + later)
                .getBytes(StandardCharsets.UTF_8)));
    sent++;
  }
}
