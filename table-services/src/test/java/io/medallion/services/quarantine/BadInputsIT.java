package io.medallion.services.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.annotation.Nullable;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes from outside and is odd, damaged or large, through real jobs into real tables. */
class BadInputsIT {
  private static final String TOPIC = "transactions";
  private static final String REGION = "partition-by: region";

  /** 0001-01-01T00:00:00Z. */
  private static final long YEAR_ONE = -62_135_596_800_000L;

  /** 9999-12-31T23:59:59.999Z. */
  private static final long YEAR_9999 = 253_402_300_799_999L;

  private static final int LARGE = 8 << 20;
  private static final int OF_ONE_KEY = 180;

  /** Each is in silver, in a partition of its own. */
  private static final List<String> ODD_REGIONS =
      List.of("EU", "", "..", "../../x", "/", "a=b", "a:b,c", "%2F", "日本", "x".repeat(248));

  @TempDir Path folder;
  private final List<byte[]> sent = new ArrayList<>();
  private final Map<Long, String> expectedRules = new TreeMap<>();
  private final List<Row> expectedRows = new ArrayList<>();
  private Broker broker;
  private String source = "erp";

  /** The offset of a large record that is none. */
  private int noise;

  @Test
  void everythingIsInOneStateAndTheLedgerAddsUp() throws Exception {
    PipelineCopy copy =
        PipelineCopy.in(folder)
            .change("pipeline.yaml", "partition-by: [transaction_date]", "partition-by: [region]")
            .change(
                "pipeline.yaml", "source-system: erp_system", "source-system: { header: source }")
            .change(
                "pipeline.yaml",
                "    region is known: { column: region, in: reference/regions.csv, otherwise: quarantine }\n",
                "");
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker kafka = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker = kafka;
      broker.createTopic(TOPIC, 1);
      PipelineDefinition pipeline = copy.load(broker);
      flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline, warehouse);

      // When
      sendRegions();
      sendTimes();
      sendBytes();
      sendLarge();
      sendSystems();
      sendSkewed();
      Drained.intoGold(warehouse, pipeline, sent.size());

      // Then each good event is a row, as it was sent
      HudiReader reader = new HudiReader(warehouse);
      assertThat(
              reader.query(
                  """
                  SELECT transaction_id, COALESCE(region, ''), CAST(event_time AS STRING),
                    CHAR_LENGTH(description) FROM silver.transactions
                  """))
          .containsExactlyInAnyOrderElementsOf(expectedRows);

      // And each other one is in quarantine with its rule and all its bytes
      List<Row> quarantine =
          reader.query("SELECT `offset`, rules, payload FROM silver.transactions_quarantine");
      Map<Long, String> rules = new TreeMap<>();
      for (Row row : quarantine) {
        long offset = (Long) row.getField(0);
        rules.put(offset, String.join(", ", (String[]) row.getField(1)));
        assertThat((byte[]) row.getField(2)).isEqualTo(sent.get((int) offset));
      }
      assertThat(rules).isEqualTo(expectedRules);
      Ran shown =
          Ran.onTables(
              new QuarantineCommand(), copy.folder(), warehouse, "show", TOPIC + "-0@" + noise);
      assertThat(shown.code()).as(shown.err()).isZero();
      assertThat(shown.out()).contains("rules           malformed-json").hasSizeGreaterThan(LARGE);

      // And bronze has all of them, of systems whose names no folder can have too
      assertThat(
              reader.query(
                  "SELECT _source_system, COUNT(*) FROM bronze.transactions GROUP BY _source_system"))
          .containsExactlyInAnyOrder(
              Row.of("erp", (long) sent.size() - 3),
              Row.of("../crm/eu", 1L),
              Row.of("s".repeat(223) + "~2955c7328c57ca39", 1L),
              Row.of("unknown", 1L));
      assertThat(folders(folder.resolve("lake/silver/transactions")))
          .hasSize(ODD_REGIONS.size())
          .contains("region=__HIVE_DEFAULT_PARTITION__", "region=%2F", "region=..%2F..%2Fx");
      // The reader's catalog adds one of its own.
      assertThat(folders(folder.resolve("lake")))
          .containsExactly("bronze", "default", "gold", "silver");

      // And the ledger adds up
      Map<String, Long> counters = Drained.progress(warehouse, Tables.silver(pipeline)).counters();
      assertThat(counters)
          .containsEntry(Progress.INPUT, (long) sent.size())
          .containsEntry(Progress.ROWS, (long) expectedRows.size())
          .containsEntry(Progress.QUARANTINED, (long) expectedRules.size())
          .containsEntry(
              Progress.APPLIED, (long) sent.size() - expectedRules.size() - OF_ONE_KEY / 2)
          .containsEntry(Progress.SUPERSEDED, (long) OF_ONE_KEY / 2);
      Ran audit =
          Ran.onTables(
              new AuditCommand(),
              copy.folder(),
              warehouse,
              "--bootstrap-servers",
              broker.address());
      assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
      Ran verify = Ran.onTables(new VerifyCommand(), copy.folder(), warehouse);
      assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
    }
  }

  private void sendRegions() {
    for (int i = 0; i < ODD_REGIONS.size(); i++) {
      good("R" + i, ODD_REGIONS.get(i), 1_700_006_400_000L, "1");
    }
    bad(REGION, event("R-long", "x".repeat(249), "1700006400000", "1"));
    bad(REGION, event("R-slashes", "/".repeat(100), "1700006400000", "1"));
    good("", "EU", 1_700_006_400_000L, "an id that is empty");
    good("a,b:c%", "EU", 1_700_006_400_000L, "an id that looks like two");
  }

  private void sendTimes() {
    good("T-1", "EU", -1, "before 1970");
    good("T-year-one", "EU", YEAR_ONE, "the first year");
    bad("not from the future", event("T-9999", "EU", String.valueOf(YEAR_9999), "far ahead"));
    bad("type: timestamp", event("T-2^63", "EU", "9223372036854775808", "wraps"));
    bad("type: amount", event("T-1e400", "EU", "1700006400000", "x").replace("1.00", "1e400"));
    bad("type: amount", event("T-big", "EU", "1700006400000", "x").replace("1.00", "1e5000000"));
  }

  private void sendBytes() {
    bad("tombstone", (byte[]) null);
    bad("malformed-json", new byte[0]);
    bad("malformed-json", new byte[] {'{', '"', (byte) 0xC3, '(', '"', ':', '1', '}'});
    bad("malformed-json", "\uFEFF" + event("B-bom", "EU", "1700006400000", "x"));
    bad("malformed-json", event("B-trailing", "EU", "1700006400000", "x") + "x");
    bad("malformed-json", "{\"transaction_id\": \"a\", \"transaction_id\": \"b\"}");
    bad("malformed-json", event("B-surrogate", "EU", "1700006400000", "\\ud800"));
    bad("malformed-json", "[".repeat(200_000));
    bad("not-an-object", "[1]");
  }

  private void sendLarge() {
    byte[] random = new byte[LARGE];
    new Random(1).nextBytes(random);
    noise = sent.size();
    bad("malformed-json", random);
    good("L", "EU", 1_700_006_400_000L, "y".repeat(LARGE));
  }

  private void sendSystems() {
    source = "../crm/eu";
    good("S-1", "EU", 1_700_006_400_000L, "1");
    source = "s".repeat(300);
    good("S-2", "EU", 1_700_006_400_000L, "1");
    source = "";
    good("S-3", "EU", 1_700_006_400_000L, "1");
    source = "erp";
  }

  /** Nine of ten events are of one key, each second one older than what there is. */
  private void sendSkewed() {
    long first = 1_700_006_400_000L;
    for (int i = 0; i < OF_ONE_KEY; i++) {
      send(
          event("K", "EU", String.valueOf(i % 2 == 0 ? first + i : first - i), "k")
              .getBytes(UTF_8));
    }
    expect("K", "EU", first + OF_ONE_KEY - 2, 1);
  }

  private void good(String id, String region, long time, String description) {
    send(event(id, region, String.valueOf(time), description).getBytes(UTF_8));
    expect(id, region, time, description.length());
  }

  private void expect(String id, String region, long time, int length) {
    expectedRows.add(
        Row.of(
            id,
            region,
            LocalDateTime.ofEpochSecond(
                    Math.floorDiv(time, 1000),
                    Math.floorMod(time, 1000) * 1_000_000,
                    ZoneOffset.UTC)
                .format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS")),
            length));
  }

  private void bad(String rule, String payload) {
    bad(rule, payload.getBytes(UTF_8));
  }

  private void bad(String rule, @Nullable byte[] payload) {
    expectedRules.put((long) sent.size(), rule);
    send(payload);
  }

  private void send(@Nullable byte[] payload) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, 0, null, payload);
    record.headers().add("source", source.getBytes(UTF_8));
    broker.send(record);
    sent.add(payload);
  }

  private static String event(String id, String region, String time, String description) {
    return """
        {"transaction_id": "%s", "update_type": "NEW", "customer_id": "c", "amount": 1.00,\
         "product_category": "toys", "region": "%s", "timestamp": %s, "description": "%s"}"""
        .formatted(id, region, time, description);
  }

  private static List<String> folders(Path path) throws Exception {
    try (Stream<Path> found = Files.list(path)) {
      return found
          .filter(Files::isDirectory)
          .map(each -> each.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
