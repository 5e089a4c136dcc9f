package io.medallion.schemas;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the Kafka client properties of a pipeline. Values may hold secrets, written out or from the
 * environment, so no message ever shows one.
 */
final class KafkaProperties {
  /** What bronze sets itself, and why nobody else may. */
  static final Map<String, String> OWNED =
      Map.ofEntries(
          Map.entry("key.deserializer", "bronze keeps the bytes as they came"),
          Map.entry("value.deserializer", "bronze keeps the bytes as they came"),
          Map.entry("enable.auto.commit", "positions are committed with the data"),
          Map.entry("auto.commit.interval.ms", "positions are committed with the data"),
          Map.entry("auto.offset.reset", "bronze starts at the position its table holds"),
          Map.entry("isolation.level", "bronze reads committed records only"),
          Map.entry("client.id.prefix", "the job names its clients"),
          Map.entry("group.instance.id", "the job assigns partitions itself"),
          Map.entry("partition.assignment.strategy", "the job assigns partitions itself"));

  private final Section section;
  private final Variables variables;

  private KafkaProperties(Section section, Map<String, String> environment) {
    this.section = section;
    this.variables = new Variables(section, environment);
  }

  static Map<String, String> read(Section section, Map<String, String> environment) {
    return new KafkaProperties(section, environment).read();
  }

  private Map<String, String> read() {
    if (!section.has("bootstrap.servers")) {
      section.required(
          "bootstrap.servers",
          "the Kafka brokers",
          "bootstrap.servers: ${KAFKA_BOOTSTRAP_SERVERS}");
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String key : section.keys()) {
      if (OWNED.containsKey(key)) {
        section.problem(
            key,
            "a property that Medallion sets",
            "other Kafka client properties",
            "Remove it: " + OWNED.get(key) + ".");
      } else {
        section
            .text(key, "a text, number or boolean", key + ": ${NAME}")
            .ifPresent(value -> properties.put(key, variables.resolve(key, value)));
      }
    }
    return properties;
  }
}
