package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.DataFile;
import io.medallion.schemas.TableDefinition;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A pipeline's tables over the time of a report.
 *
 * @param from when that time begins
 * @param to when the tables were read
 * @param logs of bronze, silver and gold in this order: the commits since {@code from} and, where
 *     there is one, the newest before
 * @param durations of the commits that are still on a table's timeline, by instant
 * @param files of each table in the order of the data, quarantine too: what a reader opens
 */
record History(
    Instant from,
    Instant to,
    List<TableLog> logs,
    Map<TableDefinition, Map<String, Duration>> durations,
    List<Files> files) {
  /** Those of one table. */
  record Files(TableDefinition table, List<DataFile> files) {
    Files {
      files = List.copyOf(files);
    }
  }

  History {
    logs = List.copyOf(logs);
    durations = Map.copyOf(durations);
    files = List.copyOf(files);
  }

  TableLog silver() {
    return logs.get(1);
  }

  /** Whether a commit became visible in the time of the report. */
  boolean covers(Commit commit) {
    return !commit.visibleAt().isBefore(from);
  }

  /** The commits of all tables in the time of the report. */
  long commits() {
    return logs.stream().flatMap(log -> log.commits().stream()).filter(this::covers).count();
  }

  /** When the first of them became visible; {@link #to} without any. */
  Instant begin() {
    return logs.stream()
        .flatMap(log -> log.commits().stream())
        .filter(this::covers)
        .map(Commit::visibleAt)
        .min(Instant::compareTo)
        .orElse(to);
  }
}
