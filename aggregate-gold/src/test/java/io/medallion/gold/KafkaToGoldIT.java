package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaToGoldIT {
  private static final String TOPIC = "transactions";
  private static final long DAY = 1_700_006_400_000L; // 2023-11-15T00:00:00Z

  @TempDir Path folder;
  private long sent;

  @Test
  void transactionsReachGoldAcrossAStopOfEachJob() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker.createTopic(TOPIC, 2);
      PipelineDefinition pipeline =
          PipelineFolder.load(
              "../pipelines/transactions", Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));

      // Given: the three jobs, and events of every kind
      JobID bronze = flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      JobID gold = flink.submit(AggregateGoldJob.JOB, pipeline, warehouse);
      send(broker, "T1", "NEW", " c1 ", "10.00", "US", "toys", DAY);
      send(broker, "T2", "NEW", "c2", "20.50", "US", "toys", DAY + 1);
      send(broker, "T3", "NEW", "c1", "-5.25", "US", "toys", DAY + 2);
      send(broker, "T4", "NEW", "c3", "7.00", "EU", "home", DAY + 3);
      send(broker, "T4", "NEW", "c3", "7.00", "EU", "home", DAY + 3);
      send(broker, "T5", "NEW", "c4", "1.00", "MARS", "home", DAY + 4);
      send(broker, "not json");
      Drained.intoGold(warehouse, pipeline, sent);
      HudiReader reader = new HudiReader(warehouse);
      assertThat(daily(reader))
          .containsExactlyInAnyOrder(
              group("US", "toys", 3, "25.25", "8.416667", 2, "12.947812", "12.625000"),
              group("EU", "home", 1, "7.00", "7.000000", 1, null, "7.000000"));

      // When: every job is stopped with a savepoint, events go on, and the jobs go on from there
      String bronzeSavepoint = flink.stop(bronze);
      String silverSavepoint = flink.stop(silver);
      String goldSavepoint = flink.stop(gold);
      correct(broker, "T1", "12.00", "corrected", DAY + 10);
      correct(broker, "T9", "99.00", "early", DAY + 11);
      reverse(broker, "T4", DAY + 12);
      flink.resume(IngestBronzeJob.JOB, pipeline, warehouse, bronzeSavepoint);
      flink.resume(RefineSilverJob.JOB, pipeline, warehouse, silverSavepoint);
      flink.resume(AggregateGoldJob.JOB, pipeline, warehouse, goldSavepoint);
      Drained.intoGold(warehouse, pipeline, sent);
      flink.replaceTaskManager();
      send(broker, "T9", "NEW", "c9", "1.00", "US", "toys", DAY + 9);
      send(broker, "T6", "NEW", "c1", "0.00", "APAC", "grocery", DAY + 86_400_000);
      Drained.intoGold(warehouse, pipeline, sent);

      // Then: silver, quarantine and gold hold exactly what the events say
      assertThat(
              reader.query(
                  "SELECT transaction_id, update_type, customer_id, amount, region, description,"
                      + " transaction_date, _quality_score, _rescued_data, _kafka_offset"
                      + " FROM silver.transactions"))
          .containsExactlyInAnyOrder(
              silver("T1", "C1", "12.00", "US", "corrected", "2023-11-15", "1.0", 7),
              silver("T2", "C2", "20.50", "US", "d T2", "2023-11-15", "1.0", 1),
              silver("T3", "C1", "-5.25", "US", "d T3", "2023-11-15", "0.8", 2),
              silver("T9", "C9", "99.00", "US", "early", "2023-11-15", "1.0", 8),
              silver("T6", "C1", "0.00", "APAC", "d T6", "2023-11-16", "0.5", 11));
      assertThat(
              reader.query(
                  "SELECT `offset`, rules, CAST(payload AS STRING) FROM silver.transactions_quarantine"
                      + " WHERE `offset` = CAST(6 AS BIGINT)"))
          .containsExactly(Row.of(6L, new String[] {"malformed-json"}, "not json"));
      assertThat(reader.query("SELECT `offset`, rules FROM silver.transactions_quarantine"))
          .containsExactlyInAnyOrder(
              Row.of(5L, new String[] {"region is known"}),
              Row.of(6L, new String[] {"malformed-json"}));
      assertThat(daily(reader))
          .containsExactlyInAnyOrder(
              group("US", "toys", 4, "126.25", "31.562500", 3, "46.217049", "42.083333"),
              Row.of(
                  LocalDate.parse("2023-11-16"),
                  "APAC",
                  "grocery",
                  1L,
                  new BigDecimal("0.00"),
                  new BigDecimal("0.000000"),
                  1L,
                  null,
                  new BigDecimal("0.000000")));
      assertThat(reader.databases()).containsExactly("bronze", "default", "gold", "silver");
      assertThat(Drained.progress(warehouse, Tables.silver(pipeline)).counters())
          .containsEntry(Progress.INPUT, sent)
          .containsEntry(Progress.ROWS, 5L)
          .containsEntry(Progress.QUARANTINED, 2L)
          .containsEntry(Progress.APPLIED, 8L)
          .containsEntry(Progress.DELETED, 1L)
          .containsEntry(Progress.DUPLICATE, 1L)
          .containsEntry(Progress.PENDING, 0L);
    }
  }

  private static List<Row> daily(HudiReader reader) {
    return reader.query("SELECT * FROM gold.daily_revenue");
  }

  private static Row group(
      String region,
      String category,
      long count,
      String total,
      String average,
      long customers,
      String deviation,
      String perCustomer) {
    return Row.of(
        LocalDate.parse("2023-11-15"),
        region,
        category,
        count,
        new BigDecimal(total),
        new BigDecimal(average),
        customers,
        deviation == null ? null : new BigDecimal(deviation),
        new BigDecimal(perCustomer));
  }

  private static Row silver(
      String id,
      String customer,
      String amount,
      String region,
      String description,
      String date,
      String score,
      long offset) {
    return Row.of(
        id,
        "NEW",
        customer,
        new BigDecimal(amount),
        region,
        description,
        LocalDate.parse(date),
        new BigDecimal(score),
        null,
        offset);
  }

  private void send(
      Broker broker,
      String id,
      String type,
      String customer,
      String amount,
      String region,
      String category,
      long time) {
    send(
        broker,
        """
        {"transaction_id":"%s","update_type":"%s","customer_id":"%s","amount":%s,"region":"%s",\
        "product_category":"%s","description":"d %s","timestamp":%d}"""
            .formatted(id, type, customer, amount, region, category, id, time));
  }

  private void correct(Broker broker, String id, String amount, String description, long time) {
    send(
        broker,
        """
        {"transaction_id":"%s","update_type":"CORRECTION","amount":%s,"description":"%s","timestamp":%d}"""
            .formatted(id, amount, description, time));
  }

  private void reverse(Broker broker, String id, long time) {
    send(
        broker,
        """
        {"transaction_id":"%s","update_type":"REVERSAL","timestamp":%d}"""
            .formatted(id, time));
  }

  /** Into one partition, so that offsets are known; the other stays empty. */
  private void send(Broker broker, String payload) {
    broker.send(new ProducerRecord<>(TOPIC, 0, null, payload.getBytes(StandardCharsets.UTF_8)));
    sent++;
  }
}
