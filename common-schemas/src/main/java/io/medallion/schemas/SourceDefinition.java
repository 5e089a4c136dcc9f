package io.medallion.schemas;

import java.util.List;
import java.util.Map;

/**
 * Where events come from and how one is read.
 *
 * @param topics the Kafka topics
 * @param contract the shape of one event
 * @param format how a payload is read
 * @param sourceSystem what bronze's {@code _source_system} column holds: a constant or the value of
 *     a record header
 * @param kafka Kafka client properties with environment variables resolved; may hold secrets, so
 *     never printed
 */
public record SourceDefinition(
    List<String> topics,
    Contract contract,
    PayloadFormat format,
    SourceSystem sourceSystem,
    Map<String, String> kafka) {
  public SourceDefinition {
    topics = List.copyOf(topics);
    kafka = Map.copyOf(kafka);
  }

  /** Leaves the Kafka properties out: they may hold passwords. */
  @Override
  public String toString() {
    return "SourceDefinition[topics="
        + topics
        + ", contract="
        + contract.name()
        + ", format="
        + format
        + "]";
  }
}
