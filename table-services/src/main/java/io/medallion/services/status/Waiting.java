package io.medallion.services.status;

import java.time.Instant;
import java.util.Optional;

/**
 * What a table has not taken yet.
 *
 * @param records Kafka records, or rows of the table before it
 * @param commits of the table before it; 0 for what is in Kafka
 * @param since when the first of them could be read; empty when nothing waits
 */
public record Waiting(long records, int commits, Optional<Instant> since) {
  static final Waiting NOTHING = new Waiting(0, 0, Optional.empty());

  boolean isEmpty() {
    return since.isEmpty();
  }
}
