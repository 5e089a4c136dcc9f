package io.medallion.services.quarantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import io.medallion.services.audit.AuditCommand;
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
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders whose customers and shops must be in the silver tables of two other pipelines. */
class ReferenceIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String CUSTOMERS = "customers";
  private static final String SHOPS = "shops";
  private static final String ORDERS = "orders";

  @TempDir Path folder;
  private String warehouse;
  private Broker broker;
  private final Map<String, Long> sent = new HashMap<>();

  @Test
  void whatAReferenceBringsLaterIsTakenWithinTheGracePeriodAndByCommandAfterIt() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      broker = kafka;
      for (String pipeline : new String[] {CUSTOMERS, SHOPS, ORDERS}) {
        broker.createTopic(pipeline, 1);
      }
      writeReference(CUSTOMERS);
      writeReference(SHOPS);
      writeOrders();

      // Given orders of which one has all, two wait for a customer, and one for a shop
      flink.submit(IngestBronzeJob.JOB, load(CUSTOMERS), warehouse);
      flink.submit(RefineSilverJob.JOB, load(CUSTOMERS), warehouse);
      reference(CUSTOMERS, "ann", "NEW", 1);
      drain(CUSTOMERS);
      flink.submit(IngestBronzeJob.JOB, load(SHOPS), warehouse);
      flink.submit(RefineSilverJob.JOB, load(SHOPS), warehouse);
      reference(SHOPS, "berlin", "NEW", 1);
      reference(SHOPS, "paris", "NEW", 1);
      drain(SHOPS);
      flink.submit(IngestBronzeJob.JOB, load(ORDERS), warehouse);
      JobID orders = flink.submit(RefineSilverJob.JOB, load(ORDERS), warehouse);
      order("1", "ann", "berlin", "1.00");
      order("2", "bob", "berlin", "2.00");
      order("3", "cid", "berlin", "3.00");
      order("4", "ann", "rome", "4.00");
      order("5", "ann", null, "5.00");
      drain(ORDERS);
      assertThat(states()).isEqualTo(Map.of("applied", 2L, "quarantined", 3L));
      assertThat(list())
          .contains("customer is known")
          .contains("shop is known")
          .endsWith("3 events in silver.orders_quarantine; the newest 0 are shown.\n");

      // When the customer and the shop come
      reference(CUSTOMERS, "bob", "NEW", 1);
      reference(SHOPS, "rome", "NEW", 1);
      drain(CUSTOMERS);
      drain(SHOPS);

      // Then the order that waits within a grace period is taken by itself, the other one is not
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(states()).isEqualTo(Map.of("applied", 3L, "quarantined", 2L)));
      assertThat(amounts()).isEqualTo(Map.of("1", "1.00", "2", "2.00", "5", "5.00"));
      assertClean();

      // When it is asked for
      Ran replayed = run("replay", "--rule", "shop is known");

      // Then it is taken, too
      assertThat(replayed.out())
          .contains(": 1 events judged again. 1 are in silver now, 0 stay in quarantine.\n");

      // When the references have nothing of all that any more, and silver begins anew
      reference(CUSTOMERS, "ann", "UNDO", 2);
      reference(CUSTOMERS, "bob", "UNDO", 2);
      reference(CUSTOMERS, "cid", "NEW", 2);
      reference(SHOPS, "rome", "UNDO", 2);
      flink.stop(orders);
      drain(CUSTOMERS);
      drain(SHOPS);
      flink.submit(RefineSilverJob.JOB, load(ORDERS), warehouse);
      order("2", null, "berlin", "2.50");
      order("4", null, "berlin", "4.50");
      order("6", "ann", "berlin", "6.00");
      drain(ORDERS);

      // Then what it holds it holds; what it asks the references is for what comes, and the last
      // order that waited is taken
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(states()).isEqualTo(Map.of("applied", 7L, "quarantined", 1L)));
      assertThat(amounts())
          .isEqualTo(Map.of("1", "1.00", "2", "2.50", "3", "3.00", "4", "4.50", "5", "5.00"));
      assertClean();
    }
  }

  private void assertClean() {
    Ran audit =
        Ran.onTables(
            new AuditCommand(),
            folder.resolve(ORDERS),
            warehouse,
            "--bootstrap-servers",
            broker.address());
    assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
  }

  private String list() {
    return run("list", "--limit", "0").out();
  }

  private Ran run(String... more) {
    return Ran.onTables(new QuarantineCommand(), folder.resolve(ORDERS), warehouse, more);
  }

  /** The states that orders are in, of which there are any. */
  private Map<String, Long> states() {
    Progress progress = Drained.progress(warehouse, Tables.silver(load(ORDERS)));
    Map<String, Long> states = new TreeMap<>();
    Progress.FINAL_STATES.stream()
        .filter(state -> progress.counter(state) > 0)
        .forEach(state -> states.put(state, progress.counter(state)));
    return states;
  }

  private Map<String, String> amounts() {
    Map<String, String> amounts = new TreeMap<>();
    for (Row row : new HudiReader(warehouse).query("SELECT order_id, amount FROM silver.orders")) {
      amounts.put(row.getFieldAs(0), row.<BigDecimal>getFieldAs(1).toPlainString());
    }
    return amounts;
  }

  private void drain(String pipeline) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        Drained.progress(warehouse, Tables.silver(load(pipeline)))
                            .counter(Progress.INPUT))
                    .isEqualTo(sent.get(pipeline)));
  }

  private void reference(String pipeline, String id, String kind, int at) {
    send(pipeline, "{\"id\": \"%s\", \"kind\": \"%s\", \"at\": %d}".formatted(id, kind, at));
  }

  private void order(String id, String customer, String shop, String amount) {
    send(
        ORDERS,
        "{\"id\": \"%s\", \"customer\": %s, \"shop\": %s, \"amount\": %s, \"at\": %d}"
            .formatted(id, quoted(customer), quoted(shop), amount, sent.getOrDefault(ORDERS, 0L)));
  }

  private void send(String topic, String event) {
    broker.send(new ProducerRecord<>(topic, 0, null, event.getBytes(StandardCharsets.UTF_8)));
    sent.merge(topic, 1L, Long::sum);
  }

  private static String quoted(String text) {
    return text == null ? "null" : '"' + text + '"';
  }

  private PipelineDefinition load(String name) {
    return PipelineFolder.load(
        folder.resolve(name).toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void writeReference(String name) throws IOException {
    write(
        name + "/pipeline.yaml",
        """
        pipeline: %1$s
        source:
          topics: [%1$s]
          contract: contract.avsc
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        silver:
          query: silver.sql
          key: [id]
          order-by: changed_at
          changes:
            operation: kind
            reversal: { when: UNDO }
        """
            .formatted(name));
    write(
        name + "/contract.avsc",
        """
        {"type": "record", "name": "Named", "fields": [
          {"name": "id", "type": "string"},
          {"name": "kind", "type": "string"},
          {"name": "at", "type": "long"}
        ]}
        """);
    write(name + "/silver.sql", "SELECT id, `at` AS changed_at FROM bronze");
  }

  private void writeOrders() throws IOException {
    write(
        "orders/pipeline.yaml",
        """
        pipeline: orders
        source:
          topics: [orders]
          contract: order.avsc
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        references:
          customers: { pipeline: ../customers }
          shops: { pipeline: ../shops }
        silver:
          query: silver.sql
          key: [order_id]
          order-by: ordered_at
          expectations:
            customer is known: { reference: customers, column: customer_id, grace: 10 min }
            shop is known: { reference: shops, column: shop_id }
        """);
    write(
        "orders/order.avsc",
        """
        {"type": "record", "name": "Order", "fields": [
          {"name": "id", "type": "string"},
          {"name": "customer", "type": ["null", "string"], "default": null},
          {"name": "shop", "type": ["null", "string"], "default": null},
          {"name": "amount", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
          {"name": "at", "type": "long"}
        ]}
        """);
    write(
        "orders/silver.sql",
        """
        SELECT id AS order_id, customer AS customer_id, shop AS shop_id, amount, `at` AS ordered_at
        FROM bronze
        """);
  }
}
