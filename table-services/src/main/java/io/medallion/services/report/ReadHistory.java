package io.medallion.services.report;

import io.medallion.io.Commit;
import io.medallion.io.CommitDurations;
import io.medallion.io.CommitHistory;
import io.medallion.io.DataFile;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.schemas.GoldDefinition;
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

/** Reads the commits of a pipeline's tables, archived ones too, and lists their files. */
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

  History read() {
    // Backwards: what a table has taken is known of the one before it.
    List<Looked> gold = new ArrayList<>();
    for (GoldDefinition table : pipeline.gold()) {
      gold.add(look(Tables.gold(table)));
    }
    Looked silver = look(Tables.silver(pipeline));
    TableLog bronzeLog = look(Tables.bronze(pipeline)).behind(null);
    TableLog silverLog = silver.behind(bronzeLog);
    List<TableLog> logs = new ArrayList<>(List.of(bronzeLog, silverLog));
    gold.forEach(table -> logs.add(table.behind(silverLog)));
    Map<TableDefinition, Map<String, Duration>> durations = new HashMap<>();
    for (TableLog log : logs) {
      durations.put(log.table(), CommitDurations.of(warehouse, log.table()));
    }
    return new History(from, Instant.now(), logs, durations, files());
  }

  /** The commits of a table, and when they were read. */
  private record Looked(TableDefinition table, Instant asOf, List<Commit> commits) {
    TableLog behind(@Nullable TableLog upstream) {
      return new TableLog(table, upstream, commits, asOf);
    }
  }

  private Looked look(TableDefinition table) {
    Instant asOf = Instant.now();
    List<Commit> known = new ArrayList<>();
    CommitHistory.open(warehouse, table).ifPresent(history -> history.since(from, keep(known)));
    return new Looked(table, asOf, known);
  }

  /** Of those before the time, only the newest; of those before the newest, no partitions. */
  private CommitHistory.Visitor keep(List<Commit> known) {
    return new CommitHistory.Visitor() {
      @Override
      public void commit(Commit commit) {
        if (!known.isEmpty()) {
          Commit before = known.remove(known.size() - 1);
          if (!commit.visibleAt().isBefore(from)) {
            known.add(before.withoutPartitions());
          }
        }
        known.add(commit);
        progress.read("commits", ++commits);
      }

      @Override
      public void foreign(String instant) {
        // Says nothing of what it brings.
      }
    };
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
