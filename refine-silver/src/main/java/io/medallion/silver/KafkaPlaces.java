package io.medallion.silver;

import java.util.Map;
import java.util.TreeMap;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/** Places in Kafka: the offsets of each partition, about a bit each. */
final class KafkaPlaces {
  private final Map<String, Roaring64Bitmap> byPartition = new TreeMap<>();

  void add(String partition, long offset) {
    byPartition.computeIfAbsent(partition, first -> new Roaring64Bitmap()).addLong(offset);
  }

  /** Takes the offsets of a partition that it has none of yet. */
  void addAll(String partition, Roaring64Bitmap offsets) {
    byPartition.put(partition, offsets);
  }

  boolean contains(String partition, long offset) {
    Roaring64Bitmap offsets = byPartition.get(partition);
    return offsets != null && offsets.contains(offset);
  }

  Map<String, Roaring64Bitmap> byPartition() {
    return byPartition;
  }
}
