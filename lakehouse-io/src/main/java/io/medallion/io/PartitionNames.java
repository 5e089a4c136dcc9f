package io.medallion.io;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.table.data.StringData;

/** {@code topic-partition} for each Kafka partition, made once. Not thread-safe. */
public final class PartitionNames {
  private final Map<StringData, Map<Integer, String>> names = new HashMap<>();

  /** The name, e.g. {@code orders-0}. */
  public String of(StringData topic, int partition) {
    return names
        .computeIfAbsent(topic, first -> new HashMap<>())
        .computeIfAbsent(partition, first -> topic + "-" + first);
  }
}
