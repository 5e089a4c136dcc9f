package io.medallion.schemas;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Section section;
  private final Map<String, String> environment;

  private KafkaProperties(Section section, Map<String, String> environment) {
    this.section = section;
    this.environment = environment;
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
            .ifPresent(value -> properties.put(key, resolve(key, value)));
      }
    }
    return properties;
  }

  private String resolve(String key, String value) {
    Matcher reference = REFERENCE.matcher(value);
    String resolved = reference.replaceAll(match -> Matcher.quoteReplacement(valueOf(key, match)));
    if (resolved.isBlank()) {
      section.problem(
          key, value + ", which is empty", "a value", "Set the environment variable to a value.");
    }
    return resolved;
  }

  private String valueOf(String key, MatchResult reference) {
    String name = reference.group(1);
    if (!VARIABLE.matcher(name).matches() || !reference.group().endsWith("}")) {
      section.problem(
          key,
          "a reference that is not ${NAME}",
          "${NAME} with letters, digits and underscores",
          "Name one environment variable; defaults are not supported.");
      return "?";
    }
    String value = environment.get(name);
    if (value == null) {
      section.problem(
          key,
          "${" + name + "}, which is not set",
          "an environment variable",
          "Set it: export " + name + "=...");
      return "?";
    }
    return value;
  }
}
