package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.Expectation.Violation;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineFolderTest {
  private static final String TRANSACTIONS = "../pipelines/transactions";
  private static final Map<String, String> BROKERS =
      Map.of("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");

  @TempDir private Path folder;

  @Test
  void theShippedSourceIsRead() {
    PipelineDefinition pipeline = PipelineFolder.load(TRANSACTIONS, BROKERS);

    assertThat(pipeline.name()).isEqualTo("transactions");
    assertThat(pipeline.freshnessObjective()).isEqualTo(Duration.ofSeconds(30));
    SourceDefinition source = pipeline.source();
    assertThat(source.topics()).containsExactly("transactions");
    assertThat(source.sourceSystem())
        .isEqualTo(new SourceSystem(SourceSystem.Kind.CONSTANT, "erp_system"));
    assertThat(source.kafka())
        .containsExactlyEntriesOf(Map.of("bootstrap.servers", "localhost:9092"));
    assertThat(source.contract().name()).isEqualTo("medallion.transactions.Transaction");
    assertThat(columns(source.contract().rowType()))
        .containsExactly(
            "transaction_id STRING NOT NULL",
            "update_type STRING NOT NULL",
            "customer_id STRING",
            "amount DECIMAL(18, 2)",
            "product_category STRING",
            "region STRING",
            "description STRING",
            "timestamp TIMESTAMP(3) NOT NULL");
  }

  @Test
  void theShippedSilverIsPlanned() {
    SilverDefinition silver = PipelineFolder.load(TRANSACTIONS, BROKERS).silver();

    assertThat(columns(silver.columns()))
        .containsExactly(
            "transaction_id STRING NOT NULL",
            "update_type STRING",
            "customer_id STRING",
            "amount DECIMAL(18, 2)",
            "product_category STRING",
            "region STRING",
            "description STRING",
            "event_time TIMESTAMP(3) NOT NULL",
            "transaction_date DATE",
            "_quality_score DECIMAL(2, 1)");
    assertThat(silver.key()).containsExactly("transaction_id");
    assertThat(silver.partitionBy()).containsExactly("transaction_date");
    assertThat(silver.orderBy()).isEqualTo("event_time");
    assertThat(silver.changes())
        .isEqualTo(
            new Changes("update_type", "CORRECTION", List.of("amount", "description"), "REVERSAL"));
    assertThat(silver.expectations())
        .containsExactly(
            new Expectation(
                "transaction has an id",
                "`transaction_id` IS NOT NULL",
                List.of("transaction_id"),
                Violation.QUARANTINE),
            new Expectation(
                "amount is a number",
                "`amount` IS NOT NULL",
                List.of("amount"),
                Violation.QUARANTINE),
            new Expectation(
                "region is given", "`region` IS NOT NULL", List.of("region"), Violation.QUARANTINE),
            new Expectation(
                "region is known",
                "CAST(`region` AS STRING) IN ('US', 'EU', 'APAC', 'LATAM')",
                List.of(),
                Violation.QUARANTINE),
            new Expectation(
                "category is given",
                "`product_category` IS NOT NULL",
                List.of("product_category"),
                Violation.QUARANTINE),
            new Expectation(
                "category is accepted",
                "CAST(`product_category` AS STRING)"
                    + " IN ('electronics', 'grocery', 'fashion', 'home', 'toys')",
                List.of(),
                Violation.QUARANTINE),
            new Expectation(
                "not from the future",
                "`event_time` <= `_now` + INTERVAL '5' MINUTE",
                List.of(),
                Violation.QUARANTINE),
            new Expectation(
                "amount is plausible", "ABS(amount) < 1000000", List.of(), Violation.WARN));
    assertThat(silver.gates())
        .containsExactly(new Gate.QuarantinedShare(new BigDecimal("20"), 1000));
  }

  @Test
  void theShippedGoldIsPlanned() {
    List<GoldDefinition> gold = PipelineFolder.load(TRANSACTIONS, BROKERS).gold();

    assertThat(gold).hasSize(1);
    assertThat(gold.get(0).table()).isEqualTo("daily_revenue");
    assertThat(gold.get(0).version()).isEqualTo(1);
    assertThat(gold.get(0).key()).containsExactly("transaction_date", "region", "product_category");
    assertThat(columns(gold.get(0).columns()))
        .containsExactly(
            "transaction_date DATE",
            "region STRING",
            "product_category STRING",
            "transaction_count BIGINT NOT NULL",
            "total_revenue DECIMAL(38, 2)",
            "avg_transaction_value DECIMAL(38, 6)",
            "unique_customers BIGINT NOT NULL",
            "revenue_stddev DECIMAL(38, 6)",
            "revenue_per_customer DECIMAL(38, 6)");
  }

  @Test
  void anotherPipelineLoadsFromAUri() {
    OrdersFolder orders = new OrdersFolder(folder);
    orders.write();

    PipelineDefinition pipeline =
        PipelineFolder.load(folder.toUri().toString(), OrdersFolder.ENVIRONMENT);

    assertThat(columns(pipeline.silver().columns()))
        .containsExactly(
            "order_id STRING",
            "kind STRING",
            "country STRING",
            "price DECIMAL(10, 2)",
            "weight DOUBLE",
            "item_count INT",
            "photo BYTES",
            "tags ARRAY<STRING NOT NULL>",
            "event_time TIMESTAMP(3) NOT NULL",
            "order_date DATE");
    assertThat(columns(pipeline.gold().get(0).columns()))
        .containsExactly("country STRING", "revenue DECIMAL(38, 2)", "orders BIGINT NOT NULL");
    assertThat(pipeline.gold().get(0).version()).isEqualTo(2);
  }

  @Test
  void aHistoryHasARowForEachVersionOfAKey() {
    PipelineDefinition pipeline =
        new OrdersFolder(folder)
            .yaml("[order_date]", "[country]")
            .yaml("  order-by:", "  history: true\n  order-by:")
            .file(
                "gold/sales.sql",
                "SELECT country, COUNT(valid_to) AS ended, MAX(valid_from) AS newest FROM silver"
                    + " WHERE is_current OR _kafka_offset > 0 GROUP BY country")
            .load();

    TableDefinition silver = Tables.silver(pipeline);
    assertThat(silver.key()).containsExactly("order_id", "valid_from");
    assertThat(silver.partitionBy()).containsExactly("country");
    assertThat(columns(silver.columns()))
        .containsExactly(
            "order_id STRING",
            "kind STRING",
            "country STRING",
            "price DECIMAL(10, 2)",
            "weight DOUBLE",
            "item_count INT",
            "photo BYTES",
            "tags ARRAY<STRING NOT NULL>",
            "event_time TIMESTAMP(3) NOT NULL",
            "order_date DATE",
            "valid_from TIMESTAMP(3) NOT NULL",
            "valid_to TIMESTAMP(3)",
            "is_current BOOLEAN NOT NULL",
            "_rescued_data STRING",
            "_created_at TIMESTAMP(3)",
            "_last_modified TIMESTAMP(3)",
            "_kafka_topic STRING",
            "_kafka_partition INT",
            "_kafka_offset BIGINT");
    assertThat(columns(pipeline.gold().get(0).columns()))
        .containsExactly("country STRING", "ended BIGINT NOT NULL", "newest TIMESTAMP(3) NOT NULL");
  }

  @ParameterizedTest
  @CsvSource({"item_count, INT", "order_date, DATE", "event_time, TIMESTAMP(3)"})
  void aVersionIsValidFromAndToValuesOfTheOrderColumn(String orderBy, String type) {
    PipelineDefinition pipeline =
        new OrdersFolder(folder)
            .yaml("[order_date]", "[country]")
            .yaml("order-by: event_time", "history: true\n  order-by: " + orderBy)
            .load();

    assertThat(columns(Tables.silver(pipeline).columns()))
        .contains("valid_from " + type + " NOT NULL", "valid_to " + type);
  }

  @Test
  void whatIsLeftOutHasADefault() {
    PipelineDefinition pipeline =
        new OrdersFolder(folder)
            .file(
                "pipeline.yaml",
                """
                pipeline: orders
                source:
                  topics: orders
                  contract: order.avsc
                  kafka: { bootstrap.servers: broker:9092 }
                silver: { query: silver.sql, key: order_id, order-by: event_time }
                """)
            .load();

    assertThat(pipeline.freshnessObjective()).isEqualTo(Duration.ofMinutes(1));
    assertThat(pipeline.source().sourceSystem())
        .isEqualTo(new SourceSystem(SourceSystem.Kind.CONSTANT, "orders"));
    assertThat(pipeline.silver().partitionBy()).isEmpty();
    assertThat(pipeline.silver().history()).isFalse();
    assertThat(pipeline.silver().changes()).isEqualTo(Changes.NONE);
    assertThat(pipeline.silver().expectations()).isEmpty();
    assertThat(pipeline.gold()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"30s, PT30S", "5min, PT5M", "2 h, PT2H", "PT45S, PT45S"})
  void theFreshnessObjectiveIsADuration(String written, Duration meant) {
    assertThat(new OrdersFolder(folder).yaml("5min", written).load().freshnessObjective())
        .isEqualTo(meant);
  }

  @Test
  void theSourceSystemMayBeInAHeader() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("source-system: shop", "source-system: { header: origin }")
                .load()
                .source()
                .sourceSystem())
        .isEqualTo(new SourceSystem(SourceSystem.Kind.HEADER, "origin"));
  }

  @Test
  void fiveMistakesAreReportedTogether() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("5min", "soon")
                .yaml("format: json", "format: xml")
                .yaml("key: [order_id]", "key: [orderid]")
                .yaml("not-null: price", "not-null: prize")
                .edit("gold/sales.sql", "SUM(price)", "SUM(prices)")
                .problems())
        .containsExactly(
            "pipeline.yaml:2: freshness-objective: found soon,"
                + " expected a duration above zero with a unit: ms, s, min, h or d."
                + " Write for example freshness-objective: 30s.",
            "pipeline.yaml:5: source.format: found xml, expected one of json, avro, avro-registry, avro-single-object."
                + " Write what the producers of the topics write.",
            "pipeline.yaml:12: silver.key[0]: found orderid, expected a column of silver.sql:"
                + " order_id, kind, country, price, weight, item_count, photo, tags, event_time,"
                + " order_date. Did you mean order_id?",
            "pipeline.yaml:20: silver.expectations.has a price.not-null: found prize,"
                + " expected a column of the SELECT: order_id, kind, country, price, weight,"
                + " item_count, photo, tags, event_time, order_date. Did you mean price?");
  }

  @Test
  void mistakesBehindABrokenContractAreStillReported() {
    assertThat(
            new OrdersFolder(folder)
                .file("order.avsc", "\"string\"")
                .yaml("query: silver.sql", "query: silver.sql\n  quory: x")
                .yaml("not-null: price", "not-null: price, otherwise: drop")
                .yaml("version: 2", "version: 0")
                .yaml("  order-by: event_time\n", "")
                .problems())
        .containsExactly(
            "order.avsc: type: found string, expected record."
                + " Wrap the fields of an event in a record.",
            "pipeline.yaml:12: silver.quory: found an unknown key, expected one of query, key,"
                + " partition-by, order-by, history, state-lifetime, changes, expectations, gates."
                + " Did you mean query?",
            "pipeline.yaml:11: silver.order-by: found nothing,"
                + " expected the column that says which event is newer."
                + " Add for example order-by: event_time.",
            "pipeline.yaml:20: silver.expectations.has a price.otherwise: found drop,"
                + " expected warn, quarantine or fail."
                + " Write one of these; without it, it is quarantine.",
            "pipeline.yaml:22: gold.sales.version: found 0, expected a whole number from 1."
                + " Count up from 1.");
  }

  @Test
  void noMessageAndNoTextShowsASecret() {
    OrdersFolder orders =
        new OrdersFolder(folder)
            .yaml(
                "${BROKERS}",
                "${BROKERS}\n    sasl.jaas.config: password=\"${SECRET}\" plain=geheim");
    PipelineDefinition pipeline = orders.load();

    assertThat(pipeline.source().kafka())
        .containsEntry("sasl.jaas.config", "password=\"hunter2\" plain=geheim");
    assertThat(pipeline.toString()).doesNotContain("hunter2", "geheim", "broker:9092");
    assertThat(orders.yaml("plain=geheim", "plain=geheim ${UNSET}").problems())
        .containsExactly(
            "pipeline.yaml:10: source.kafka.sasl.jaas.config: found ${UNSET}, which is not set,"
                + " expected an environment variable. Set it: export UNSET=...");
  }

  @Test
  void aFolderThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> PipelineFolder.load("pipelines/nowhere", Map.of()))
        .hasMessage(
            "The pipeline folder pipelines/nowhere cannot be used, 1 problem:\n"
                + "  - pipelines/nowhere: pipeline folder: found nothing,"
                + " expected a folder that holds pipeline.yaml."
                + " Name the pipeline folder, for example pipelines/transactions.");
  }

  @Test
  void aFileInPlaceOfTheFolderIsRefused() {
    assertThatThrownBy(() -> PipelineFolder.load("pom.xml", Map.of()))
        .hasMessage(
            "The pipeline folder pom.xml cannot be used, 1 problem:\n"
                + "  - pom.xml: pipeline folder: found a file,"
                + " expected a folder that holds pipeline.yaml."
                + " Name the pipeline folder, for example pipelines/transactions.");
  }

  @Test
  void aFolderWithoutPipelineYamlIsRefused() {
    assertThat(new OrdersFolder(folder).without("pipeline.yaml").problems())
        .containsExactly(
            "pipeline.yaml: file: found pipeline.yaml, which is not there, expected a file."
                + " Add pipeline.yaml to the folder.");
  }

  @Test
  void everyMissingFileIsNamedWhereItIsAskedFor() {
    assertThat(new OrdersFolder(folder).without("order.avsc").without("gold/sales.sql").problems())
        .containsExactly(
            "pipeline.yaml:6: source.contract: found order.avsc, which is not there,"
                + " expected a file. Add the file to the pipeline folder or correct its name.",
            "pipeline.yaml:22: gold.sales.query: found gold/sales.sql, which is not there,"
                + " expected a file. Add the file to the pipeline folder or correct its name.");
  }

  @ParameterizedTest
  @CsvSource({"../order.avsc", "/etc/order.avsc", "s3://elsewhere/order.avsc"})
  void aFileOutsideTheFolderIsRefused(String file) {
    assertThat(new OrdersFolder(folder).yaml("order.avsc", file).problems())
        .containsExactly(
            "pipeline.yaml:6: source.contract: found "
                + file
                + ", expected a path inside the pipeline folder."
                + " Copy the file into the folder and name it relative to pipeline.yaml.");
  }

  @Test
  void aFileThatIsNotUtf8IsRefused() throws IOException {
    OrdersFolder orders = new OrdersFolder(folder).without("silver.sql");
    orders.write();
    Files.write(
        folder.resolve("silver.sql"),
        "SELECT 'é' FROM bronze".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(orders.problems())
        .containsExactly(
            "pipeline.yaml:11: silver.query: found silver.sql, which is not UTF-8,"
                + " expected UTF-8 text. Save it as UTF-8.");
  }

  @Test
  void aYamlSyntaxErrorIsLocated() {
    assertThat(new OrdersFolder(folder).yaml("topics: [orders]", "topics: [orders").problems())
        .containsExactly(
            "pipeline.yaml:5:9: file: found text that is not YAML"
                + " (while parsing a flow sequence), expected a YAML mapping."
                + " Correct the indentation, quotes or brackets there.");
  }

  @Test
  void anEmptyPipelineYamlIsRefused() {
    assertThat(new OrdersFolder(folder).file("pipeline.yaml", "").problems())
        .containsExactly(
            "pipeline.yaml: file: found an empty file, expected a YAML mapping."
                + " Start with the line pipeline: <name>.");
  }

  @Test
  void aListInPlaceOfThePipelineIsRefused() {
    assertThat(new OrdersFolder(folder).file("pipeline.yaml", "- orders").problems())
        .containsExactly(
            "pipeline.yaml: file: found a file that is not a mapping, expected a YAML mapping."
                + " Start with the line pipeline: <name>.");
  }

  @Test
  void aSecondDocumentIsRefused() {
    assertThat(new OrdersFolder(folder).yaml("version: 2 }", "version: 2 }\n---\na: b").problems())
        .containsExactly(
            "pipeline.yaml:24: file: found a second YAML document, expected one document."
                + " Remove the line --- and put another pipeline into a folder of its own.");
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("pipeline: orders\n", "pipeline: orders\npipeline: others\n")
                .problems())
        .containsExactly(
            "pipeline.yaml:2: pipeline: found the key a second time, expected each key once."
                + " Remove one of the two, or rename it.");
  }

  @Test
  void anAliasIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("topics: [orders]", "topics: &t [orders]")
                .yaml("source-system: shop", "source-system: *t")
                .problems())
        .containsExactly(
            "pipeline.yaml:7: source.source-system: found the YAML alias *t,"
                + " expected the value itself."
                + " Write the value out; anchors and aliases are not read.",
            "pipeline.yaml:7: source.source-system: found nothing,"
                + " expected the source system's name, or { header: NAME }."
                + " Write for example source-system: erp_system.");
  }

  @Test
  void anUnknownKeyIsRefusedAndTheNearestKnownOneSuggested() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("freshness-objective", "freshness-objectiv")
                .yaml("  format: json\n", "  event-time: at\n")
                .problems())
        .containsExactly(
            "pipeline.yaml:2: freshness-objectiv: found an unknown key, expected one of pipeline,"
                + " freshness-objective, source, silver, references, gold."
                + " Did you mean freshness-objective?",
            "pipeline.yaml:5: source.event-time: found an unknown key, expected one of topics,"
                + " format, contract, registry, schemas, source-system, kafka. Remove it.");
  }

  @Test
  void missingSectionsAreNamed() {
    assertThat(new OrdersFolder(folder).file("pipeline.yaml", "gold: {}").problems())
        .containsExactly(
            "pipeline.yaml:1: pipeline: found nothing, expected lower-case letters, digits and"
                + " underscores, a letter first. Add for example pipeline: transactions.",
            "pipeline.yaml:1: source: found nothing, expected where events come from."
                + " Add for example source: { topics: [...], ... }.",
            "pipeline.yaml:1: silver: found nothing, expected how events become rows."
                + " Add for example silver: { query: ..., ... }.");
  }

  @ParameterizedTest
  @CsvSource({"Orders", "1orders", "orders-eu", "ördrs"})
  void aNameThatCannotBeATableIsRefused(String name) {
    assertThat(new OrdersFolder(folder).yaml("pipeline: orders", "pipeline: " + name).problems())
        .containsExactly(
            "pipeline.yaml:1: pipeline: found "
                + name
                + ", expected lower-case letters, digits and underscores, a letter first."
                + " Write for example pipeline: transactions.");
  }

  @Test
  void aNameThatCouldBeAnotherPipelinesQuarantineIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("pipeline: orders", "pipeline: orders_quarantine")
                .problems())
        .containsExactly(
            "pipeline.yaml:1: pipeline: found orders_quarantine,"
                + " expected a name that does not end in _quarantine. Rename it:"
                + " silver.orders_quarantine could be another pipeline's quarantine table.");
  }

  @ParameterizedTest
  @CsvSource({"5", "0s", "-5s", "5 fortnights", "99999999999999999999d"})
  void aFreshnessObjectiveThatIsNoDurationIsRefused(String text) {
    assertThat(new OrdersFolder(folder).yaml("5min", text).problems())
        .containsExactly(
            "pipeline.yaml:2: freshness-objective: found "
                + text
                + ", expected a duration above zero with a unit: ms, s, min, h or d."
                + " Write for example freshness-objective: 30s.");
  }

  @Test
  void theReservedColumnsAreThoseOfTheSilverTableAndNow() {
    OrdersFolder orders = new OrdersFolder(folder);
    Set<String> added = added(orders.load());
    added.add(Tables.NOW);
    Set<String> addedToHistory =
        added(
            orders
                .yaml("[order_date]", "[country]")
                .yaml("gold:", "  history: true\ngold:")
                .load());
    addedToHistory.removeAll(added);

    assertThat(ReadSilver.RESERVED).isEqualTo(added);
    assertThat(ReadSilver.RESERVED_IN_HISTORY).isEqualTo(addedToHistory);
  }

  private static Set<String> added(PipelineDefinition pipeline) {
    Set<String> added = new HashSet<>(Tables.silver(pipeline).columns().getFieldNames());
    added.removeAll(pipeline.silver().columns().getFieldNames());
    return added;
  }

  private static List<String> columns(RowType row) {
    return row.getFields().stream()
        .map(field -> field.getName() + " " + field.getType().asSummaryString())
        .toList();
  }
}
