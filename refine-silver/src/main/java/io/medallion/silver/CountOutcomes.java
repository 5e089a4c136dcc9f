package io.medallion.silver;

import io.medallion.io.PartitionNames;
import io.medallion.io.ProgressReporter;
import java.util.List;

/** Counts each event once, in its outcome and for its own Kafka partition. Not thread-safe. */
final class CountOutcomes {
  private final ProgressReporter progress;
  private final PartitionNames partitions = new PartitionNames();

  /** That nothing is pending is said, too. */
  CountOutcomes(ProgressReporter progress) {
    this.progress = progress;
    for (Outcome outcome : Outcome.values()) {
      progress.show(outcome.counter());
    }
  }

  /**
   * Counts an event that came.
   *
   * @param moves the earlier events that have another outcome since
   */
  void count(Version event, Outcome outcome, List<Move> moves) {
    count(event, outcome, 1);
    for (Move move : moves) {
      count(move.event(), move.from(), -1);
      count(move.event(), move.to(), 1);
    }
  }

  private void count(Version event, Outcome outcome, long by) {
    progress.count(partitions.of(event.topic(), event.partition()), outcome.counter(), by);
  }
}
