package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.CommitDurations;
import io.medallion.io.CommitHistory;
import io.medallion.io.DataFile;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.status.TableLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;

/**
 * Brings what a status has read of a pipeline's tables to the time of a report: archived commits
 * where those on the timeline do not reach back, how long each took, and the files.
 */
final class ReadHistory {
  private final PipelineDefinition pipeline;
  private final String warehouse;
  private final Instant from;
  private final AuditProgress progress;
  private long commits;

  /**
   * @param from when the time of the report begins
   */
  ReadHistory(PipelineDefinition pipeline, String warehouse, Instant from, AuditProgress progress) {
    this.pipeline = pipeline;
    this.warehouse = warehouse;
    this.from = from;
    this.progress = progress;
  }

  /**
   * @param seen bronze, silver and gold in this order
   * @param to when they were seen
   */
  History read(List<TableLog> seen, Instant to) {
    List<TableLog> logs = new ArrayList<>();
    Map<TableDefinition, Map<String, Duration>> durations = new HashMap<>();
    for (TableLog log : seen) {
      // Gold tables are all made of silver.
      TableLog upstream = logs.isEmpty() ? null : logs.get(Math.min(logs.size() - 1, 1));
      logs.add(bring(log, upstream, to));
      durations.put(log.table(), CommitDurations.of(warehouse, log.table()));
    }
    return new History(from, to, logs, durations, files());
  }

  private TableLog bring(TableLog log, @Nullable TableLog upstream, Instant to) {
    Kept kept = new Kept(log.newest().map(Commit::instant).orElse(""));
    if (reachesBack(log)) {
      log.commits().forEach(kept::commit);
    } else {
      CommitHistory.open(warehouse, log.table()).ifPresent(history -> history.forEach(kept));
    }
    return new TableLog(log.table(), upstream, kept.commits, to);
  }

  private boolean reachesBack(TableLog log) {
    return !log.commits().isEmpty() && log.commits().get(0).visibleAt().isBefore(from);
  }

  /** Of those before the time, only the newest; of those before the newest, no partitions. */
  private final class Kept implements CommitHistory.Visitor {
    private final String newest;
    private final List<Commit> commits = new ArrayList<>();

    /**
     * @param newest what came later was not seen
     */
    Kept(String newest) {
      this.newest = newest;
    }

    @Override
    public void commit(Commit commit) {
      if (commit.instant().compareTo(newest) > 0) {
        return;
      }
      if (!commits.isEmpty()) {
        Commit before = commits.remove(commits.size() - 1);
        if (!commit.visibleAt().isBefore(from)) {
          commits.add(before.withoutPartitions());
        }
      }
      commits.add(commit);
      progress.read("commits", ++ReadHistory.this.commits);
    }

    @Override
    public void foreign(String instant) {
      // Says nothing of what it brings.
    }
  }

  private List<History.Files> files() {
    List<History.Files> files = new ArrayList<>();
    for (TableDefinition table : Tables.all(pipeline)) {
      files.add(new History.Files(table, DataFile.list(warehouse, table)));
      progress.read("listings of files", files.size());
    }
    return files;
  }
}
