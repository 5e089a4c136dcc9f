package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.io.TableFiles;
import io.medallion.schemas.TableDefinition;
import java.time.Duration;
import java.util.Optional;

/**
 * A table as its readers see it.
 *
 * @param newest its newest commit; empty before the first
 * @param eventAge now less the largest event time in it
 * @param arrivalAge now less the largest Kafka timestamp of what is in it
 * @param waiting what it has not taken yet
 * @param cause the state's reason in words; empty where there is nothing to say
 * @param commitsPerMinute in the window
 * @param met the share of the window in which it met the objective, 0 to 1; empty when nothing of
 *     it is known
 */
public record LayerStatus(
    TableDefinition table,
    Optional<Commit> newest,
    Optional<Duration> eventAge,
    Optional<Duration> arrivalAge,
    Waiting waiting,
    FreshnessState state,
    String cause,
    double commitsPerMinute,
    Optional<Double> met,
    TableFiles files) {

  public Progress progress() {
    return newest.map(Commit::progress).orElse(Progress.NONE);
  }

  public long rows() {
    return progress().counter(Progress.ROWS);
  }
}
