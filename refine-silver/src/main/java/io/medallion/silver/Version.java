package io.medallion.silver;

import java.util.Comparator;

/**
 * The place of an event in the total order of its key's events: by the order field, ties by Kafka
 * partition, then offset, then (for pipelines that read several topics) the topic's name.
 *
 * @param order the value of the {@code order-by} column as a number
 */
record Version(long order, int partition, long offset, String topic)
    implements Comparable<Version> {
  private static final Comparator<Version> ORDER =
      Comparator.comparingLong(Version::order)
          .thenComparingInt(Version::partition)
          .thenComparingLong(Version::offset)
          .thenComparing(Version::topic);

  @Override
  public int compareTo(Version other) {
    return ORDER.compare(this, other);
  }

  boolean isAfter(Version other) {
    return compareTo(other) > 0;
  }
}
