package io.medallion.services.demo;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the tables of a pipeline say about themselves, as any reader sees it. */
final class WatchLayers {
  private final String warehouse;
  private final List<TableDefinition> tables;
  private final Map<String, Long> newestEvents = new HashMap<>();

  WatchLayers(PipelineDefinition pipeline, String warehouse) {
    this.warehouse = warehouse;
    this.tables = Tables.all(pipeline);
  }

  /** Every table's newest commit, in the order of the data. */
  List<LayerState> states() {
    return tables.stream().map(this::state).toList();
  }

  /**
   * The rows of each gold table that are worth a look, at most {@code limit} of each; none before
   * the first commit.
   */
  List<GoldRows> topGold(int limit) {
    // PLUG IN: read the gold tables of `tables` with the snapshot reader of lakehouse-io.
    return List.of();
  }

  private LayerState state(TableDefinition table) {
    Progress progress =
        CommitLog.latest(warehouse, table).map(Commit::progress).orElse(Progress.NONE);
    long newest =
        newestEvents.merge(
            table.qualifiedName(), progress.maxEventTime(), (a, b) -> Math.max(a, b));
    return new LayerState(table, progress, newest);
  }
}
