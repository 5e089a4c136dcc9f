package io.medallion.services.report;

import java.util.Comparator;

/** {@code topic-2} before {@code topic-10}. */
final class PartitionOrder implements Comparator<String> {
  @Override
  public int compare(String one, String other) {
    int byTopic = topic(one).compareTo(topic(other));
    return byTopic != 0 ? byTopic : Integer.compare(number(one), number(other));
  }

  private static String topic(String partition) {
    return partition.substring(0, partition.lastIndexOf('-'));
  }

  private static int number(String partition) {
    return Integer.parseInt(partition.substring(partition.lastIndexOf('-') + 1));
  }
}
