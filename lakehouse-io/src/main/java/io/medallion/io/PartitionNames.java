package io.medallion.io;

import java.util.HashMap;
import java.util.Map;

/** {@code topic-partition} for each Kafka partition, made once. Not thread-safe. */
public final class PartitionNames {
  private final Map<String, Map<Integer, String>> names = new HashMap<>();

  /** The name, e.g. {@code orders-0}. */
  public String of(String topic, int partition) {
    return names
        .computeIfAbsent(topic, first -> new HashMap<>())
        .computeIfAbsent(partition, first -> topic + "-" + first);
  }
}
