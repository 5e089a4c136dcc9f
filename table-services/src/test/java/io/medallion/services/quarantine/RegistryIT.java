package io.medallion.services.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import io.medallion.services.audit.AuditCommand;
import io.medallion.services.verify.VerifyCommand;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import io.medallion.testing.SchemaRegistryProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.RawMessageEncoder;
import org.apache.flink.api.common.JobID;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Orders in Avro whose writers' schemas are in a registry, one of them later than its events: on
 * real jobs, with a real registry.
 */
class RegistryIT {
  private static final String ORDERS = "orders";
  private static final String UNKNOWN = "unknown-schema-id";
  private static final String MALFORMED = "malformed-avro";

  private static final String ID = "{'name': 'id', 'type': 'string'}";
  private static final String AMOUNT =
      "{'name': 'amount', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 10, 'scale': 2}}";
  private static final String CHANNEL = "{'name': 'channel', 'type': 'string', 'default': 'web'}";
  private static final String AT = "{'name': 'at', 'type': 'long'}";
  private static final String NOTE = "{'name': 'note', 'type': 'string'}";
  private static final String COUPON = "{'name': 'coupon', 'type': 'string'}";

  private static final Schema CONTRACT = order(ID, AMOUNT, CHANNEL, AT);

  /** Has a field that the contract lacks, and lacks one that has a default there. */
  private static final Schema EVOLVED = order(NOTE, ID, AMOUNT, AT);

  private static final Schema LATE = order(CHANNEL, ID, COUPON, AT, AMOUNT);

  @TempDir Path folder;
  private String warehouse;
  private Broker broker;
  private long sent;

  @Test
  void anEventOfASchemaThatIsRegisteredLateComesIntoSilverByAReplay() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    Path logs = Files.createDirectory(folder.resolve("registry"));
    try (SchemaRegistryProcess registry = new SchemaRegistryProcess(logs);
        Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      broker = kafka;
      broker.createTopic(ORDERS, 1);
      writeOrders(registry);

      // Given events of two schemas of the registry, of one that it does not have, and damaged ones
      int contract = registry.register("orders-value", CONTRACT);
      int evolved = registry.register("orders-value", EVOLVED);
      int late = evolved + 1;
      byte[] third = late(late, "3", "30.00", "app", 3);
      byte[] firstNow = late(late, "1", "11.00", "shop", 2);
      byte[] secondBefore = late(late, "2", "19.00", "shop", 1);
      byte[] noMagic = contract(contract, "4", "40.00", "web", 4);
      noMagic[0] = 1;
      byte[] whole = contract(contract, "5", "50.00", "web", 5);
      byte[] truncated = Arrays.copyOf(whole, whole.length - 1);
      flink.submit(IngestBronzeJob.JOB, pipeline(), warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline(), warehouse);
      send(contract(contract, "1", "10.00", "shop", 1));
      send(evolved(evolved, "2", "20.00", 2));
      send(third);
      send(firstNow);
      send(secondBefore);
      send(noMagic);
      send(truncated);
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then silver has those that can be read, and the others are kept as they came
      assertThat(silverRows())
          .containsExactlyInAnyOrder(
              Row.of("1", "10.00", "shop", null, 0L),
              Row.of("2", "20.00", "web", "{\"note\":\"gift\"}", 1L));
      assertThat(goldRows())
          .containsExactlyInAnyOrder(channel("shop", 1, "10.00"), channel("web", 1, "20.00"));
      String unknown = "the registry has no schema " + late;
      assertThat(quarantineRows())
          .containsExactlyInAnyOrder(
              quarantined(2, UNKNOWN, unknown, third),
              quarantined(3, UNKNOWN, unknown, firstNow),
              quarantined(4, UNKNOWN, unknown, secondBefore),
              quarantined(5, MALFORMED, "magic: the payload starts with 01, expected 00", noMagic),
              quarantined(
                  6,
                  MALFORMED,
                  "truncated: the payload ends within the number at byte 14",
                  truncated));
      assertThat(states()).isEqualTo(Map.of("applied", 2L, "quarantined", 5L));
      assertThat(quarantinedByRule()).isEqualTo(Map.of(UNKNOWN, 3L, MALFORMED, 2L));
      assertClean();

      // When a replay comes before the schema
      Ran early = run("replay", "--rule", UNKNOWN);

      // Then nothing changes
      assertThat(early.out())
          .as(early.err())
          .isEqualTo(
              "Request 1: 3 events judged again. 0 are in silver now, 3 stay in quarantine.\n");
      assertThat(states()).isEqualTo(Map.of("applied", 2L, "quarantined", 5L));

      // When the schema is registered, and the next replay comes at once
      assertThat(registry.register("orders-value", LATE)).isEqualTo(late);
      Ran replayed = run("replay", "--rule", UNKNOWN);

      // Then its events are in silver, each in its place, and nowhere else
      assertThat(replayed.out())
          .as(replayed.err())
          .isEqualTo(
              "Request 2: 3 events judged again. 3 are in silver now, 0 stay in quarantine.\n");
      Drained.intoGold(warehouse, pipeline(), sent);
      assertThat(silverRows())
          .containsExactlyInAnyOrder(
              Row.of("1", "11.00", "shop", "{\"coupon\":\"TEN\"}", 3L),
              Row.of("2", "20.00", "web", "{\"note\":\"gift\"}", 1L),
              Row.of("3", "30.00", "app", "{\"coupon\":\"TEN\"}", 2L));
      assertThat(goldRows())
          .containsExactlyInAnyOrder(
              channel("shop", 1, "11.00"), channel("web", 1, "20.00"), channel("app", 1, "30.00"));
      assertThat(states()).isEqualTo(Map.of("applied", 4L, "superseded", 1L, "quarantined", 2L));
      assertReplayed(third);

      // When silver begins anew without a checkpoint, and another event of that schema comes
      flink.stop(silver);
      flink.submit(RefineSilverJob.JOB, pipeline(), warehouse);
      send(late(late, "6", "60.00", "app", 6));
      Drained.intoGold(warehouse, pipeline(), sent);

      // Then all is as it was, and the new event is there
      assertThat(silverRows())
          .containsExactlyInAnyOrder(
              Row.of("1", "11.00", "shop", "{\"coupon\":\"TEN\"}", 3L),
              Row.of("2", "20.00", "web", "{\"note\":\"gift\"}", 1L),
              Row.of("3", "30.00", "app", "{\"coupon\":\"TEN\"}", 2L),
              Row.of("6", "60.00", "app", "{\"coupon\":\"TEN\"}", 7L));
      assertThat(goldRows())
          .containsExactlyInAnyOrder(
              channel("shop", 1, "11.00"), channel("web", 1, "20.00"), channel("app", 2, "90.00"));
      assertThat(states()).isEqualTo(Map.of("applied", 5L, "superseded", 1L, "quarantined", 2L));
      assertReplayed(third);
    }
  }

  /** Of the schema that came late nothing is in quarantine any more, of the others all. */
  private void assertReplayed(byte[] third) {
    assertThat(quarantinedByRule()).isEqualTo(Map.of(UNKNOWN, 0L, MALFORMED, 2L));
    assertThat(run("list", "--rule", UNKNOWN).out())
        .isEqualTo("No such event in silver.orders_quarantine.\n");
    assertThat(run("list", "--limit", "0").out())
        .endsWith("2 events in silver.orders_quarantine; the newest 0 are shown.\n");
    assertThat(
            new HudiReader(warehouse)
                .query(
                    "SELECT `offset` FROM silver.orders_quarantine WHERE _replayed_at IS NOT NULL"))
        .containsExactlyInAnyOrder(Row.of(2L), Row.of(3L), Row.of(4L));
    assertThat(run("show", "orders-0@2").out())
        .contains(
            "replayed at     ",
            "rules           unknown-schema-id\n",
            "payload         0x" + HexFormat.of().formatHex(third) + "\n");
    assertClean();
  }

  private void assertClean() {
    Path pipeline = folder.resolve(ORDERS);
    Ran audit =
        Ran.onTables(
            new AuditCommand(), pipeline, warehouse, "--bootstrap-servers", broker.address());
    assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
    Ran verify = Ran.onTables(new VerifyCommand(), pipeline, warehouse);
    assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
  }

  private List<Row> silverRows() {
    return new HudiReader(warehouse)
        .query(
            "SELECT order_id, CAST(amount AS STRING), channel, _rescued_data, _kafka_offset FROM silver.orders");
  }

  private List<Row> goldRows() {
    return new HudiReader(warehouse).query("SELECT channel, orders, revenue FROM gold.channels");
  }

  private static Row channel(String name, long orders, String revenue) {
    return Row.of(name, orders, new BigDecimal(revenue));
  }

  private List<Row> quarantineRows() {
    return new HudiReader(warehouse)
        .query("SELECT `offset`, rules, reason, payload FROM silver.orders_quarantine");
  }

  private static Row quarantined(long offset, String rule, String reason, byte[] payload) {
    return Row.of(offset, new String[] {rule}, reason, payload);
  }

  /** The states that orders are in, of which there are any. */
  private Map<String, Long> states() {
    Progress progress = Drained.progress(warehouse, Tables.silver(pipeline()));
    Map<String, Long> states = new TreeMap<>();
    Progress.FINAL_STATES.stream()
        .filter(state -> progress.counter(state) > 0)
        .forEach(state -> states.put(state, progress.counter(state)));
    return states;
  }

  private Map<String, Long> quarantinedByRule() {
    return Drained.progress(warehouse, Tables.silver(pipeline())).quarantinedByRule();
  }

  private Ran run(String... more) {
    return Ran.onTables(new QuarantineCommand(), folder.resolve(ORDERS), warehouse, more);
  }

  private PipelineDefinition pipeline() {
    return PipelineFolder.load(
        folder.resolve(ORDERS).toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
  }

  private void send(byte[] payload) {
    broker.send(new ProducerRecord<>(ORDERS, 0, null, payload));
    sent++;
  }

  private static byte[] contract(int schema, String id, String amount, String channel, long at) {
    return payload(
        schema,
        CONTRACT,
        Map.of("id", id, "amount", new BigDecimal(amount), "channel", channel, "at", at));
  }

  private static byte[] evolved(int schema, String id, String amount, long at) {
    return payload(
        schema,
        EVOLVED,
        Map.of("id", id, "amount", new BigDecimal(amount), "note", "gift", "at", at));
  }

  private static byte[] late(int schema, String id, String amount, String channel, long at) {
    return payload(
        schema,
        LATE,
        Map.of(
            "id", id,
            "amount", new BigDecimal(amount),
            "channel", channel,
            "coupon", "TEN",
            "at", at));
  }

  /** As Confluent's serializers write: a zero byte, the id of the schema, the datum. */
  private static byte[] payload(int id, Schema schema, Map<String, Object> fields) {
    GenericData model = new GenericData();
    model.addLogicalTypeConversion(new Conversions.DecimalConversion());
    GenericRecord order = new GenericData.Record(schema);
    fields.forEach(order::put);
    try {
      ByteBuffer datum = new RawMessageEncoder<GenericRecord>(model, schema).encode(order);
      return ByteBuffer.allocate(5 + datum.remaining()).put((byte) 0).putInt(id).put(datum).array();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static Schema order(String... fields) {
    return new Schema.Parser()
        .parse(
            "{'type': 'record', 'name': 'Order', 'fields': [%s]}"
                .formatted(String.join(", ", fields))
                .replace('\'', '"'));
  }

  private void writeOrders(SchemaRegistryProcess registry) throws IOException {
    write(
        "pipeline.yaml",
        """
        pipeline: orders
        source:
          topics: [orders]
          format: avro-registry
          contract: order.avsc
          registry: { url: "%s" }
          kafka: { bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}" }
        silver:
          query: silver.sql
          key: [order_id]
          order-by: ordered_at
        gold:
          channels: { query: channels.sql, key: [channel], version: 1 }
        """
            .formatted(registry.url()));
    write("order.avsc", CONTRACT.toString());
    write("silver.sql", "SELECT id AS order_id, amount, channel, `at` AS ordered_at FROM bronze");
    write(
        "channels.sql",
        """
        SELECT channel, COUNT(*) AS orders, SUM(amount) AS revenue FROM silver GROUP BY channel
        """);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(ORDERS).resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text, StandardCharsets.UTF_8);
  }
}
