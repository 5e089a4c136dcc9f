package io.medallion.services.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
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
import java.nio.file.Path;
import java.util.List;
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
  void aChangedQueryTakesTheTableOverInOneCommitAndGoesOnFromThere() throws Exception {
    copy = PipelineCopy.in(folder);
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      // Given
      broker = kafka;
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

      // When the table is rebuilt while its job writes it
      copy.change("gold/daily_revenue.sql", "FROM silver", "FROM silver WHERE amount > 0");
      copy.change(
          "pipeline.yaml", "product_category], version: 1", "product_category], version: 2");
      Ran refused = rebuild("daily_revenue");

      // Then it is kept out
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .contains("gold.daily_revenue is as it was: Table gold.daily_revenue is written by job ");

      // When the job is stopped and started with the changed query
      String savepoint = flink.stop(gold);
      send("E", "EU", "1.00");
      send("F", "US", "-2.00");
      assertThatThrownBy(() -> flink.resume(AggregateGoldJob.JOB, pipeline(), warehouse, savepoint))
          // Then it says what is to be done
          .isInstanceOf(InvalidConfigurationException.class)
          .hasMessage(
              """
              The gold tables cannot be used, 1 problem:
                - pipeline.yaml: gold.daily_revenue.version: found 2, expected 1, which made the rows \
              of gold.daily_revenue. Bring the table to it with medallion gold rebuild --table \
              daily_revenue, and start without a checkpoint.""");

      // When it is done
      Ran rebuilt = rebuild("daily_revenue");

      // Then readers have the new rows
      assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
      assertThat(rebuilt.out())
          .startsWith("gold.daily_revenue is version 2 of its query, it was 1: ")
          .contains(" rows written, 1 deleted, 2 in all, silver as of ");
      assertThat(revenue()).contains(Row.of("APAC", 1L, "3.00")).hasSize(2);
      assertVerified();

      // When what the other query had counted is offered to the job, then it is not taken
      assertThatThrownBy(() -> flink.resume(AggregateGoldJob.JOB, pipeline(), warehouse, savepoint))
          .hasStackTraceContaining("Cannot map checkpoint/savepoint state for operator");

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
      Ran audit =
          Ran.onTables(
              new AuditCommand(),
              copy.folder(),
              warehouse,
              "--bootstrap-servers",
              broker.address());
      assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
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
