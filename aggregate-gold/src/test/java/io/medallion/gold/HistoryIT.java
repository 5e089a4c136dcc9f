package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.io.Progress;
import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline that keeps the history of its keys, from Kafka to gold. */
class HistoryIT {
  private static final String TOPIC = "prices";
  private static final LocalDateTime START = LocalDateTime.parse("2023-11-15T00:00:00");
  private static final long START_MS = 1_700_006_400_000L;

  @TempDir Path folder;
  private long sent;

  @Test
  void lateEventsRewriteTheHistoryAndGoldFollowsTheCurrentVersions() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker.createTopic(TOPIC, 2);
      PipelineDefinition pipeline = pipeline(broker.address());
      flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline, warehouse);
      HudiReader reader = new HudiReader(warehouse);

      // Given: events in order, one of another shop, one that is reversed
      send(broker, "A", "NEW", "berlin", "10.00", "first", 10);
      send(broker, "A", "NEW", "berlin", "30.00", "third", 30);
      send(broker, "B", "NEW", "paris", "5.00", "first", 10);
      send(broker, "C", "NEW", "paris", "7.00", "first", 10);
      send(broker, "C", "UNDO", null, null, null, 40);
      Drained.intoGold(warehouse, pipeline, sent);
      assertThat(versions(reader, ""))
          .containsExactlyInAnyOrder(
              version("A", "berlin", "10.00", "first", 10, 30, 0),
              version("A", "berlin", "30.00", "third", 30, null, 1),
              version("B", "paris", "5.00", "first", 10, null, 2),
              version("C", "paris", "7.00", "first", 10, 40, 3));
      assertThat(reader.query("SELECT * FROM gold.shops"))
          .containsExactlyInAnyOrder(
              Row.of("berlin", 1L, new BigDecimal("30.00")),
              Row.of("paris", 1L, new BigDecimal("5.00")));

      // When: silver goes on from a savepoint, and late events come
      String savepoint = flink.stop(silver);
      send(broker, "A", "FIX", null, "12.00", null, 20); // splits the first version
      send(broker, "A", "NEW", "paris", "1.00", "zeroth", 5); // before all others
      send(broker, "A", "FIX", null, null, "late", 15); // holds up to the next insert
      send(broker, "B", "UNDO", null, null, null, 8); // before its record: ends nothing
      send(broker, "B", "NEW", "paris", "6.00", "moved", 10); // hides the first one
      send(broker, "C", "NEW", "berlin", "9.00", "again", 50); // begins behind a gap
      send(broker, "D", "FIX", null, "1.00", null, 10); // waits
      send(broker, "A", "NEW", "berlin", "30.00", "third", 30); // the same again
      flink.resume(RefineSilverJob.JOB, pipeline, warehouse, savepoint);
      Drained.intoGold(warehouse, pipeline, sent);
      flink.replaceTaskManager();
      send(broker, "C", "UNDO", null, null, null, 30); // ends the first version earlier
      Drained.intoGold(warehouse, pipeline, sent);

      // Then: silver holds each version once, and gold the current ones
      assertThat(versions(reader, ""))
          .containsExactlyInAnyOrder(
              version("A", "paris", "1.00", "zeroth", 5, 10, 6),
              version("A", "berlin", "10.00", "first", 10, 15, 0),
              version("A", "berlin", "10.00", "late", 15, 20, 7),
              version("A", "berlin", "12.00", "late", 20, 30, 5),
              version("A", "berlin", "30.00", "third", 30, null, 12),
              version("B", "paris", "6.00", "moved", 10, null, 9),
              version("C", "paris", "7.00", "first", 10, 30, 3),
              version("C", "berlin", "9.00", "again", 50, null, 10));
      assertThat(versions(reader, " WHERE is_current AND product_id = 'C'"))
          .containsExactly(version("C", "berlin", "9.00", "again", 50, null, 10));
      assertThat(reader.query("SELECT * FROM gold.shops"))
          .containsExactlyInAnyOrder(
              Row.of("berlin", 2L, new BigDecimal("39.00")),
              Row.of("paris", 1L, new BigDecimal("6.00")));
      assertThat(Drained.progress(warehouse, Tables.silver(pipeline)).counters())
          .containsEntry(Progress.INPUT, sent)
          .containsEntry(Progress.ROWS, 8L)
          .containsEntry(Progress.APPLIED, 8L)
          .containsEntry(Progress.SUPERSEDED, 1L)
          .containsEntry(Progress.DUPLICATE, 1L)
          .containsEntry(Progress.DELETED, 3L)
          .containsEntry(Progress.PENDING, 1L);
      assertThat(Audit.withoutKafka(pipeline, warehouse).run(AuditProgress.NONE).findings())
          .isEmpty();
    }
  }

  private static List<Row> versions(HudiReader reader, String where) {
    return reader.query(
        "SELECT product_id, shop, price, note, valid_from, valid_to, is_current, _kafka_offset"
            + " FROM silver.prices"
            + where);
  }

  private static Row version(
      String id,
      String shop,
      String price,
      String note,
      int from,
      @Nullable Integer to,
      long lastOffset) {
    return Row.of(
        id,
        shop,
        new BigDecimal(price),
        note,
        START.plusSeconds(from),
        to == null ? null : START.plusSeconds(to),
        to == null,
        lastOffset);
  }

  private PipelineDefinition pipeline(String broker) throws IOException {
    Path files = Files.createDirectories(folder.resolve("prices"));
    Files.writeString(
        files.resolve("pipeline.yaml"),
        """
        pipeline: prices
        source:
          topics: [prices]
          contract: price.avsc
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        silver:
          query: silver.sql
          key: [product_id]
          partition-by: [shop]
          order-by: changed_at
          history: true
          changes:
            operation: kind
            correction: { when: FIX, sets: [price, note] }
            reversal: { when: UNDO }
        gold:
          shops: { query: shops.sql, key: [shop] }
        """);
    Files.writeString(
        files.resolve("price.avsc"),
        """
        {"type": "record", "name": "Price", "fields": [
          {"name": "product", "type": "string"},
          {"name": "kind", "type": "string"},
          {"name": "shop", "type": ["null", "string"], "default": null},
          {"name": "price", "type": ["null",
            {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}], "default": null},
          {"name": "note", "type": ["null", "string"], "default": null},
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
        ]}
        """);
    Files.writeString(
        files.resolve("silver.sql"),
        "SELECT product AS product_id, shop, price, note, `at` AS changed_at FROM bronze");
    Files.writeString(
        files.resolve("shops.sql"),
        """
        SELECT shop, COUNT(*) AS products, SUM(price) AS total
        FROM silver WHERE is_current GROUP BY shop
        """);
    return PipelineFolder.load(files.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker));
  }

  /** Into one partition, so that offsets are known; the other stays empty. */
  private void send(
      Broker broker,
      String product,
      String kind,
      @Nullable String shop,
      @Nullable String price,
      @Nullable String note,
      int second) {
    String event =
        """
        {"product": "%s", "kind": "%s", "shop": %s, "price": %s, "note": %s, "at": %d}"""
            .formatted(
                product, kind, quoted(shop), price, quoted(note), START_MS + second * 1_000L);
    broker.send(new ProducerRecord<>(TOPIC, 0, null, event.getBytes(StandardCharsets.UTF_8)));
    sent++;
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : '"' + text + '"';
  }
}
