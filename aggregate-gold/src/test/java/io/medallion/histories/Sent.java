package io.medallion.histories;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import javax.annotation.Nullable;

/**
 * A record of Kafka.
 *
 * @param timestamp Kafka's, epoch milliseconds
 * @param payload UTF-8, or null for a tombstone
 */
record Sent(Said said, int partition, long offset, long timestamp, @Nullable String payload)
    implements Serializable {
  static final String TOPIC = "histories";

  @Nullable
  byte[] bytes() {
    return payload == null ? null : payload.getBytes(StandardCharsets.UTF_8);
  }

  String place() {
    return place(partition, offset);
  }

  static String place(int partition, long offset) {
    return partition + "@" + offset;
  }
}
