package io.medallion.services.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.CommitLog;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import io.medallion.services.gold.GoldCommand;
import io.medallion.services.quarantine.QuarantineCommand;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real jobs on a real broker, the command beside them, another engine, and a change by a stranger.
 */
class VerifyIT {
  private static final Path FOLDER = Path.of("../pipelines/transactions");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 12_000;
  private static final int PER_SECOND = 1_000;
  private static final int SCALE = 6;

  @TempDir Path folder;
  private String warehouse;

  @Test
  void goldIsItsRecomputationUntilAStrangerChangesIt() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      // Given
      broker.createTopic("transactions", 2);
      PipelineDefinition pipeline =
          PipelineFolder.load(
              FOLDER.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
      List<JobID> jobs =
          List.of(
              flink.submit(IngestBronzeJob.JOB, pipeline, warehouse),
              flink.submit(RefineSilverJob.JOB, pipeline, warehouse),
              flink.submit(AggregateGoldJob.JOB, pipeline, warehouse));

      // When it is asked while the jobs are at work
      Set<String> asOf = new HashSet<>();
      long sent = 0;
      ExecutorService executor = Executors.newSingleThreadExecutor();
      // A slow machine may be through with one comparison when all is sent; then more is.
      while (asOf.size() < 2) {
        try (SendEvents send = events(broker)) {
          Future<?> sending = executor.submit(send);
          await()
              .atMost(Duration.ofMinutes(1))
              .until(
                  () ->
                      CommitLog.latest(warehouse, Tables.gold(pipeline.gold().get(0))).isPresent());
          do {
            JsonNode table = compared();
            assertThat(table.get("differing").longValue()).as("%s", table).isZero();
            asOf.add(table.get("silver-as-of").textValue());
          } while (!sending.isDone());
          sending.get();
          sent += send.sent();
        }
      }
      executor.shutdown();
      Drained.intoGold(warehouse, pipeline, sent);

      // Then it was not always the same state, and the last one is what DuckDB computes
      assertThat(compared().get("rows").longValue()).isGreaterThan(30);
      HudiReader reader = new HudiReader(warehouse);
      assertThat(reader.query("SELECT * FROM gold.daily_revenue"))
          .containsExactlyInAnyOrderElementsOf(byDuckDb(reader));

      // And the quarantine is listed as silver counts it, and shown with its bytes
      JsonNode quarantine = JSON.readTree(quarantine("list", "--json").out());
      assertThat(quarantine.get("events").longValue())
          .isEqualTo(
              Drained.progress(warehouse, Tables.silver(pipeline)).counter(Progress.QUARANTINED))
          .isPositive();
      JsonNode unknown =
          JSON.readTree(
              quarantine("list", "--json", "--rule", "region is known", "--limit", "1").out());
      assertThat(unknown.get("newest")).hasSize(1);
      JsonNode newest = unknown.get("newest").get(0);
      String place =
          "transactions-%d@%d"
              .formatted(newest.get("partition").intValue(), newest.get("offset").longValue());
      assertThat(quarantine("show", place).out())
          .contains(
              "place           " + place, "rules           region is known", "payload         {");
      Ran missing = quarantine("show", "transactions-0@999999999");
      assertThat(missing.code()).isEqualTo(1);
      assertThat(missing.err())
          .isEqualTo("transactions-0@999999999 is not in silver.transactions_quarantine.\n");

      // When somebody else changes one figure
      for (JobID job : jobs) {
        flink.stop(job);
      }
      reader.insert(
          """
          INSERT INTO gold.daily_revenue
          SELECT transaction_date, region, product_category, transaction_count,
            CAST(total_revenue + 0.01 AS DECIMAL(38, 2)), avg_transaction_value,
            unique_customers, revenue_stddev, revenue_per_customer
          FROM gold.daily_revenue LIMIT 1
          """);
      Ran changed = verify();

      // Then
      assertThat(changed.code()).isEqualTo(1);
      assertThat(changed.out())
          .containsPattern("gold.daily_revenue: gold lacks \\+I\\[")
          .containsPattern("gold.daily_revenue: gold has   \\+I\\[")
          .endsWith("Gold differs from its recomputation: 2 rows.\n");

      // When the table is rebuilt
      Ran rebuilt =
          Ran.onTables(new GoldCommand(), FOLDER, warehouse, "rebuild", "--table", "daily_revenue");

      // Then the figure is right again, and nothing else was touched
      assertThat(rebuilt.out())
          .startsWith(
              "gold.daily_revenue is version 1 of its query, it was 1: 1 rows written, 0 deleted, ");
      assertThat(verify().code()).isZero();
    }
  }

  private static SendEvents events(Broker broker) {
    return new SendEvents(
        Map.of("bootstrap.servers", broker.address()),
        "transactions",
        ProduceCommand.source(SampleFile.read(FOLDER), 7),
        PER_SECOND,
        EVENTS);
  }

  private JsonNode compared() throws Exception {
    Ran ran = verify("--json");
    assertThat(ran.code()).as(ran.err()).isZero();
    JsonNode document = JSON.readTree(ran.out());
    assertThat(document.get("equal").booleanValue()).isTrue();
    return document.get("tables").get(0);
  }

  private Ran verify(String... more) {
    return Ran.onTables(new VerifyCommand(), FOLDER, warehouse, more);
  }

  private Ran quarantine(String... more) {
    return Ran.onTables(new QuarantineCommand(), FOLDER, warehouse, more);
  }

  /** DuckDB groups, counts and adds exactly; what it would divide as a float is divided here. */
  private static List<Row> byDuckDb(HudiReader reader) throws SQLException {
    List<Row> groups = new ArrayList<>();
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      statement.execute(
          "CREATE TABLE silver (day DATE, region VARCHAR, category VARCHAR, customer VARCHAR, amount DECIMAL(18, 2))");
      duckDb.setAutoCommit(false);
      try (PreparedStatement insert =
          duckDb.prepareStatement("INSERT INTO silver VALUES (?, ?, ?, ?, ?)")) {
        for (Row row :
            reader.query(
                "SELECT transaction_date, region, product_category, customer_id, amount FROM silver.transactions")) {
          for (int i = 0; i < row.getArity(); i++) {
            insert.setObject(i + 1, row.getField(i));
          }
          insert.addBatch();
        }
        insert.executeBatch();
      }
      try (ResultSet results =
          statement.executeQuery(
              """
              SELECT day, region, category, COUNT(*), SUM(amount), COUNT(DISTINCT customer),
                SUM(amount * amount)
              FROM silver GROUP BY day, region, category
              """)) {
        while (results.next()) {
          groups.add(group(results));
        }
      }
    }
    return groups;
  }

  private static Row group(ResultSet result) throws SQLException {
    long count = result.getLong(4);
    BigDecimal sum = result.getBigDecimal(5);
    long customers = result.getLong(6);
    return Row.of(
        result.getObject(1, LocalDate.class),
        result.getString(2),
        result.getString(3),
        count,
        sum,
        sum.divide(BigDecimal.valueOf(count), SCALE, RoundingMode.HALF_UP),
        customers,
        deviation(count, sum, result.getBigDecimal(7)),
        sum.divide(BigDecimal.valueOf(customers), SCALE, RoundingMode.HALF_UP));
  }

  private static BigDecimal deviation(long count, BigDecimal sum, BigDecimal squares) {
    if (count == 1) {
      return null;
    }
    BigDecimal n = BigDecimal.valueOf(count);
    return squares
        .subtract(sum.multiply(sum).divide(n, MathContext.DECIMAL128))
        .divide(BigDecimal.valueOf(count - 1), MathContext.DECIMAL128)
        .sqrt(MathContext.DECIMAL128)
        .setScale(SCALE, RoundingMode.HALF_UP);
  }
}
