package io.medallion.services.demo;

import io.medallion.io.Progress;
import io.medallion.schemas.TableDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One table as its newest commit describes it.
 *
 * @param progress what the commit carries; {@link Progress#NONE} before the first one
 * @param newestEvent the largest event time of all commits seen, epoch milliseconds, or {@link
 *     Progress#NO_EVENT_TIME}
 */
public record LayerState(TableDefinition table, Progress progress, long newestEvent) {

  public long rows() {
    return progress.counter(Progress.ROWS);
  }

  /** How old the newest event is that a reader of the table sees; empty before the first one. */
  public Optional<Duration> freshness(Instant now) {
    return newestEvent == Progress.NO_EVENT_TIME
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.max(0, now.toEpochMilli() - newestEvent)));
  }
}
