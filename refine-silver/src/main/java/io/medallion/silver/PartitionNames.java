package io.medallion.silver;

import java.util.HashMap;
import java.util.Map;

/**
 * The names of Kafka partitions, {@code topic-partition}, each made once and not for every event.
 *
 * <p>Not thread-safe: one per subtask.
 */
final class PartitionNames {
  private final Map<String, Map<Integer, String>> names = new HashMap<>();

  String of(String topic, int partition) {
    Map<Integer, String> ofTopic = names.get(topic);
    if (ofTopic == null) {
      ofTopic = new HashMap<>();
      names.put(topic, ofTopic);
    }
    String name = ofTopic.get(partition);
    if (name == null) {
      name = topic + "-" + partition;
      ofTopic.put(partition, name);
    }
    return name;
  }
}
