package io.medallion.services.chaos;

import java.util.Map;

/**
 * When a fault happened.
 *
 * @param nanos {@link System#nanoTime} then
 * @param endOffsets of each Kafka partition then: what is at or after them is newer than the fault
 */
record Moment(long nanos, Map<String, Long> endOffsets) {
  Moment {
    endOffsets = Map.copyOf(endOffsets);
  }
}
