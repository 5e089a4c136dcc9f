package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceRefusalsTest {
  @TempDir private Path folder;
  private OrdersFolder orders;

  @BeforeEach
  void aFolderThatLoads() {
    orders = new OrdersFolder(folder);
    assertThat(orders.problems()).isEmpty();
  }

  @Test
  void topicsMustBeNames() {
    assertThat(orders.yaml("[orders]", "[orders, 'a.*', orders, {a: b}]").problems())
        .containsExactly(
            "pipeline.yaml:4: source.topics[2]: found orders a second time, expected each once."
                + " Remove one of the two.",
            "pipeline.yaml:4: source.topics[3]: found a mapping, expected a text."
                + " Write for example topics: [transactions].",
            "pipeline.yaml:4: source.topics[1]: found a.*,"
                + " expected names of letters, digits, dots, underscores and dashes."
                + " Name each topic; patterns are not supported.");
  }

  @Test
  void anEmptyListOfTopicsIsRefused() {
    assertThat(orders.yaml("[orders]", "[]").problems())
        .containsExactly(
            "pipeline.yaml:4: source.topics: found an empty list, expected Kafka topics."
                + " Write for example topics: [transactions].");
  }

  @Test
  void aContractThatIsNotJsonIsRefused() {
    assertThat(orders.file("order.avsc", "{\n\"type\"").problems())
        .containsExactly(
            "order.avsc: source.contract: found a file that is not an Avro schema (line 2:"
                + " Unexpected end-of-input within/between Object entries),"
                + " expected an Avro record in JSON. Correct the schema.");
  }

  @Test
  void aContractThatIsNotAvroIsRefused() {
    assertThat(orders.edit("order.avsc", "\"double\"", "\"real\"").problems())
        .containsExactly(
            "order.avsc: source.contract: found a file that is not an Avro schema"
                + " (Undefined schema: real), expected an Avro record in JSON."
                + " Correct the schema.");
  }

  @Test
  void aContractFieldWithoutAFlinkTypeIsRefused() {
    assertThat(
            orders.edit("order.avsc", "[\"null\", \"double\"]", "[\"int\", \"double\"]").problems())
        .containsExactly(
            "order.avsc: field weight: found the union [int, double],"
                + " expected a union of null and one type."
                + " Use one type per field, or a record with one nullable field per type.");
  }

  @Test
  void aSourceSystemIsATextOrAHeader() {
    assertThat(orders.yaml("source-system: shop", "source-system: [shop]").problems())
        .containsExactly(
            "pipeline.yaml:7: source.source-system: found a list,"
                + " expected the source system's name, or { header: NAME }."
                + " Write for example source-system: erp_system.");
  }

  @Test
  void aSourceSystemHeaderHasNoOtherKeys() {
    assertThat(
            orders
                .yaml("source-system: shop", "source-system: { header: origin, or: shop }")
                .problems())
        .containsExactly(
            "pipeline.yaml:7: source.source-system.or: found an unknown key,"
                + " expected only header. Remove it.");
  }

  @Test
  void theBrokersAreRequired() {
    assertThat(orders.yaml("bootstrap.servers: ${BROKERS}", "group.id: orders").problems())
        .containsExactly(
            "pipeline.yaml:9: source.kafka.bootstrap.servers: found nothing,"
                + " expected the Kafka brokers."
                + " Add for example bootstrap.servers: ${KAFKA_BOOTSTRAP_SERVERS}.");
  }

  @Test
  void anUnsetVariableIsNamed() {
    assertThat(orders.yaml("${BROKERS}", "${NOWHERE}").problems())
        .containsExactly(
            "pipeline.yaml:9: source.kafka.bootstrap.servers: found ${NOWHERE}, which is not set,"
                + " expected an environment variable. Set it: export NOWHERE=...");
  }

  @Test
  void anEmptyVariableIsRefused() {
    assertThat(orders.yaml("${BROKERS}", "${EMPTY}").problems())
        .containsExactly(
            "pipeline.yaml:9: source.kafka.bootstrap.servers: found ${EMPTY}, which is empty,"
                + " expected a value. Set the environment variable to a value.");
  }

  @ParameterizedTest
  @CsvSource({"${BROKERS:localhost}", "${}", "${BROKERS", "${A B}"})
  void onlyAPlainReferenceIsAReference(String reference) {
    assertThat(orders.yaml("${BROKERS}", "'" + reference + "'").problems())
        .containsExactly(
            "pipeline.yaml:9: source.kafka.bootstrap.servers:"
                + " found a reference that is not ${NAME},"
                + " expected ${NAME} with letters, digits and underscores."
                + " Name one environment variable; defaults are not supported.");
  }

  @ParameterizedTest
  @CsvSource({
    "key.deserializer, bronze keeps the bytes as they came",
    "value.deserializer, bronze keeps the bytes as they came",
    "enable.auto.commit, positions are committed with the data",
    "auto.offset.reset, bronze starts at the position its table holds",
    "isolation.level, bronze reads committed records only"
  })
  void aPropertyThatBronzeOwnsIsRefused(String property, String reason) {
    assertThat(orders.yaml("${BROKERS}", "${BROKERS}\n    " + property + ": x").problems())
        .containsExactly(
            "pipeline.yaml:10: source.kafka."
                + property
                + ": found a property that Medallion sets,"
                + " expected other Kafka client properties. Remove it: "
                + reason
                + ".");
  }

  @Test
  void aKafkaPropertyHoldsText() {
    assertThat(
            orders
                .yaml("${BROKERS}", "${BROKERS}\n    ssl: { secret: hunter2 }\n    client.id:")
                .problems())
        .containsExactly(
            "pipeline.yaml:10: source.kafka.ssl: found a mapping,"
                + " expected a text, number or boolean. Write for example ssl: ${NAME}.",
            "pipeline.yaml:11: source.kafka.client.id: found nothing,"
                + " expected a text, number or boolean. Write for example client.id: ${NAME}.");
  }

  @Test
  void aConsumerGroupMayBeNamed() {
    assertThat(
            orders.yaml("${BROKERS}", "${BROKERS}\n    group.id: orders").load().source().kafka())
        .containsEntry("group.id", "orders");
  }
}
