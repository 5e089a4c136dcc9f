package io.medallion.services.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Progress;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gold that joins what the customers were at the time of each sale, of the history of another
 * pipeline, which reads Avro, and a file.
 */
class JoinIT {
  private static final long START_MS = 1_700_006_400_000L;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String CUSTOMER =
      """
      {"type": "record", "name": "Customer", "fields": [
        {"name": "id", "type": "string"},
        {"name": "kind", "type": "string"},
        {"name": "segment", "type": ["null", "string"], "default": null},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
      ]}
      """;

  @TempDir Path folder;
  private String warehouse;
  private Broker broker;
  private final Map<String, Long> sent = new HashMap<>();

  @Test
  void goldFollowsTheSalesAndWhatTheCustomersWereThen() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker = kafka;
      broker.createTopic("sales", 1);
      broker.createTopic("customers", 1);
      writeCustomers();
      writeSales();
      flink.submit(IngestBronzeJob.JOB, customers(), warehouse);
      flink.submit(RefineSilverJob.JOB, customers(), warehouse);
      flink.submit(IngestBronzeJob.JOB, sales(), warehouse);
      flink.submit(RefineSilverJob.JOB, sales(), warehouse);
      JobID gold = flink.submit(AggregateGoldJob.JOB, sales(), warehouse);

      // Given sales of customers who change, of one who comes later, and in a store of no region
      customer("ann", "NEW", "basic", 0);
      customer("ann", "NEW", "prime", 50);
      sale("1", "NEW", "ann", "berlin", "10.00", 10);
      sale("2", "NEW", "ann", "berlin", "20.00", 60);
      sale("3", "NEW", "bob", "paris", "5.00", 20);
      sale("4", "NEW", "ann", "atlantis", "1.00", 20);
      drain();
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              group("EU", "basic", 1, "10.00"),
              group("EU", "prime", 1, "20.00"),
              group("EU", "none", 1, "5.00"),
              group("none", "basic", 1, "1.00"));
      assertVerified();

      // When the customer comes, another one has been prime for longer, and sales are taken back
      customer("bob", "NEW", "basic", 0);
      customer("ann", "NEW", "prime", 5);
      sale("2", "UNDO", null, null, null, 70);
      sale("4", "NEW", "bob", "rome", "2.00", 80);
      drain();

      // Then
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              group("EU", "prime", 1, "10.00"), group("EU", "basic", 2, "7.00"));
      assertVerified();

      // When the job goes on from a savepoint, and its TaskManager is lost
      String savepoint = flink.stop(gold);
      customer("bob", "UNDO", null, 30);
      flink.resume(AggregateGoldJob.JOB, sales(), warehouse, savepoint);
      drain();
      flink.replaceTaskManager();
      sale("5", "NEW", "ann", "boston", "3.00", 90);
      drain();

      // Then one sale was before the customer went, and one after
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              group("EU", "prime", 1, "10.00"),
              group("EU", "basic", 1, "5.00"),
              group("EU", "none", 1, "2.00"),
              group("US", "prime", 1, "3.00"));
      assertVerified();
    }
  }

  @Test
  void anotherFileIsAnotherVersion() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      // Given
      broker = kafka;
      broker.createTopic("sales", 1);
      writeCustomers();
      writeSales();
      flink.submit(IngestBronzeJob.JOB, sales(), warehouse);
      flink.submit(RefineSilverJob.JOB, sales(), warehouse);
      JobID gold = flink.submit(AggregateGoldJob.JOB, sales(), warehouse);
      sale("1", "NEW", "ann", "berlin", "10.00", 10);
      sale("2", "NEW", "ann", "boston", "20.00", 60);
      drain();
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              group("EU", "none", 1, "10.00"), group("US", "none", 1, "20.00"));

      // When a line of the file changes and nothing else
      String savepoint = flink.stop(gold);
      change("sales/stores.csv", "boston,US", "boston,AMERICA");

      // Then the job says what is to be done
      assertThatThrownBy(() -> flink.resume(AggregateGoldJob.JOB, sales(), warehouse, savepoint))
          .isInstanceOf(InvalidConfigurationException.class)
          .hasMessage(
              """
              The gold tables cannot be used, 1 problem:
                - pipeline.yaml: gold.revenue.version: found 1 with another query, or another file \
              that it joins, expected those that made the rows of gold.revenue as version 1. Count \
              the version up, and start without a checkpoint.""");

      // When it is done
      change("sales/pipeline.yaml", "version: 1", "version: 2");
      flink.submit(AggregateGoldJob.JOB, sales(), warehouse);
      sale("3", "NEW", "ann", "boston", "3.00", 90);
      drain();

      // Then
      assertThat(revenue())
          .containsExactlyInAnyOrder(
              group("EU", "none", 1, "10.00"), group("AMERICA", "none", 2, "23.00"));
      assertVerified();
      Ran audit =
          Ran.onTables(
              new AuditCommand(),
              folder.resolve("sales"),
              warehouse,
              "--bootstrap-servers",
              broker.address());
      assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
    }
  }

  private void assertVerified() {
    Ran verify = Ran.onTables(new VerifyCommand(), folder.resolve("sales"), warehouse);
    assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
  }

  private List<Row> revenue() {
    return new HudiReader(warehouse).query("SELECT * FROM gold.revenue");
  }

  private static Row group(String region, String segment, long sales, String total) {
    return Row.of(region, segment, sales, new BigDecimal(total));
  }

  /** Until gold has read all of both silver tables, and they all of Kafka. */
  private void drain() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Progress revenue = progress(Tables.gold(sales().gold().get(0)));
              for (PipelineDefinition pipeline : List.of(sales(), customers())) {
                TableDefinition silver = Tables.silver(pipeline);
                assertThat(progress(silver).counter(Progress.INPUT))
                    .as(pipeline.name())
                    .isEqualTo(sent.getOrDefault(pipeline.name(), 0L));
                assertThat(revenue.next(silver.qualifiedName()))
                    .as("read of %s", silver.qualifiedName())
                    .isEqualTo(Drained.newest(warehouse, silver));
              }
            });
  }

  private Progress progress(TableDefinition table) {
    return Drained.progress(warehouse, table);
  }

  private void customer(String id, String kind, @Nullable String segment, int second) {
    Schema contract = new Schema.Parser().parse(CUSTOMER);
    GenericRecord customer = new GenericData.Record(contract);
    customer.put("id", id);
    customer.put("kind", kind);
    customer.put("segment", segment);
    customer.put("at", START_MS + second * 1_000L);
    try {
      ByteBuffer event =
          new BinaryMessageEncoder<GenericRecord>(GenericData.get(), contract).encode(customer);
      byte[] bytes = new byte[event.remaining()];
      event.get(bytes);
      send("customers", bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private void sale(
      String id,
      String kind,
      @Nullable String customer,
      @Nullable String store,
      @Nullable String amount,
      int second) {
    send(
        "sales",
        """
        {"id": "%s", "kind": "%s", "customer": %s, "store": %s, "amount": %s, "at": %d}"""
            .formatted(
                id, kind, quoted(customer), quoted(store), amount, START_MS + second * 1_000L)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void send(String topic, byte[] event) {
    broker.send(new ProducerRecord<>(topic, 0, null, event));
    sent.merge(topic, 1L, Long::sum);
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : '"' + text + '"';
  }

  private PipelineDefinition customers() {
    return load("customers");
  }

  private PipelineDefinition sales() {
    return load("sales");
  }

  private PipelineDefinition load(String name) {
    return PipelineFolder.load(
        folder.resolve(name).toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
  }

  private void change(String file, String from, String to) throws IOException {
    Path path = folder.resolve(file);
    Files.writeString(path, Files.readString(path).replace(from, to));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void writeCustomers() throws IOException {
    write(
        "customers/pipeline.yaml",
        """
        pipeline: customers
        source:
          topics: [customers]
          format: avro-single-object
          contract: customer.avsc
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        silver:
          query: silver.sql
          key: [customer_id]
          order-by: changed_at
          history: true
          changes:
            operation: kind
            reversal: { when: UNDO }
        """);
    write("customers/customer.avsc", CUSTOMER);
    write(
        "customers/silver.sql",
        "SELECT id AS customer_id, segment, `at` AS changed_at FROM bronze");
  }

  private void writeSales() throws IOException {
    write(
        "sales/pipeline.yaml",
        """
        pipeline: sales
        source:
          topics: [sales]
          contract: sale.avsc
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        silver:
          query: silver.sql
          key: [sale_id]
          order-by: sold_at
          changes:
            operation: kind
            reversal: { when: UNDO }
        references:
          stores: { file: stores.csv }
          customers: { pipeline: ../customers }
        gold:
          revenue: { query: revenue.sql, key: [region, segment], version: 1 }
        """);
    write(
        "sales/sale.avsc",
        """
        {"type": "record", "name": "Sale", "fields": [
          {"name": "id", "type": "string"},
          {"name": "kind", "type": "string"},
          {"name": "customer", "type": ["null", "string"], "default": null},
          {"name": "store", "type": ["null", "string"], "default": null},
          {"name": "amount", "type": ["null",
            {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}], "default": null},
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
        ]}
        """);
    write(
        "sales/silver.sql",
        "SELECT id AS sale_id, customer AS customer_id, store, amount, `at` AS sold_at FROM bronze");
    write(
        "sales/stores.csv",
        """
        store,region
        berlin,EU
        paris,EU
        rome,EU
        boston,US
        """);
    write(
        "sales/revenue.sql",
        """
        SELECT region, segment, COUNT(*) AS sales, SUM(amount) AS revenue
        FROM (
          SELECT
            COALESCE(r.region, 'none') AS region,
            COALESCE(c.segment, 'none') AS segment,
            s.amount
          FROM silver AS s
          LEFT JOIN stores AS r ON s.store = r.store
          LEFT JOIN customers AS c
            ON s.customer_id = c.customer_id
            AND s.sold_at >= c.valid_from
            AND (c.valid_to IS NULL OR s.sold_at < c.valid_to)
        )
        GROUP BY region, segment
        """);
  }
}
