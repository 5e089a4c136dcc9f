package io.medallion.io.ledger;

import io.medallion.io.CommitRows;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * The tables of the pipeline {@code transactions}, written commit by commit as a test wants them.
 */
final class Lake implements AutoCloseable {
  static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));
  static final TableDefinition BRONZE = Tables.bronze(PIPELINE);
  static final TableDefinition SILVER = Tables.silver(PIPELINE);
  static final TableDefinition QUARANTINE = Tables.quarantine(PIPELINE);
  static final TableDefinition GOLD = Tables.gold(PIPELINE.gold().get(0));

  private final String warehouse;
  private final Map<TableDefinition, CommitRows> tables = new HashMap<>();

  Lake(Path folder) {
    warehouse = folder.resolve("lake").toUri().toString();
  }

  String warehouse() {
    return warehouse;
  }

  CommitRows table(TableDefinition table) {
    return tables.computeIfAbsent(table, any -> new CommitRows(warehouse, table));
  }

  /** A commit of bronze that took offsets of transactions-0 and has rows at these. */
  String bronze(Span position, long rowsSoFar, long... offsets) throws Exception {
    return table(BRONZE).commit(bronzeProgress(position, rowsSoFar), bronzeRows(offsets));
  }

  static Progress bronzeProgress(Span position, long rowsSoFar) {
    return progress(
        Map.of("transactions-0", position),
        Map.of(Progress.ROWS, rowsSoFar),
        Map.of("transactions-0", Map.of(Progress.ROWS, rowsSoFar)));
  }

  static RowData[] bronzeRows(long... offsets) {
    return Arrays.stream(offsets).mapToObj(offset -> bronzeRow(0, offset)).toArray(RowData[]::new);
  }

  static RowData bronzeRow(int partition, long offset) {
    return row(
        BRONZE,
        Map.of(
            Tables.TOPIC,
            StringData.fromString("transactions"),
            Tables.PARTITION,
            partition,
            Tables.OFFSET,
            offset,
            Tables.PAYLOAD,
            new byte[] {1, 2, 3},
            Tables.SOURCE_SYSTEM,
            StringData.fromString("erp"),
            Tables.INGESTION_DATE,
            StringData.fromString("2026-01-01")));
  }

  /** A commit of quarantine that read bronze and has rows of transactions-0 at these offsets. */
  String quarantine(Span bronze, long quarantinedSoFar, long... offsets) throws Exception {
    return table(QUARANTINE)
        .commit(
            progress(
                Map.of("bronze.transactions", bronze),
                Map.of(Progress.ROWS, quarantinedSoFar),
                Map.of("transactions-0", Map.of(Progress.QUARANTINED, quarantinedSoFar))),
            Arrays.stream(offsets)
                .mapToObj(
                    offset ->
                        row(
                            QUARANTINE,
                            Map.of(
                                Tables.TOPIC,
                                StringData.fromString("transactions"),
                                Tables.PARTITION,
                                0,
                                Tables.OFFSET,
                                offset)))
                .toArray(RowData[]::new));
  }

  /** A commit of silver that read bronze, with so many more rows. */
  String silver(Span bronze, Map<String, Long> states, long rowsSoFar, String... ids)
      throws Exception {
    return table(SILVER)
        .commit(
            progress(
                Map.of("bronze.transactions", bronze),
                Map.of(Progress.ROWS, rowsSoFar),
                Map.of("transactions-0", states)),
            Arrays.stream(ids)
                .map(
                    id ->
                        row(
                            SILVER,
                            Map.of(
                                "transaction_id",
                                StringData.fromString(id),
                                "transaction_date",
                                20_454)))
                .toArray(RowData[]::new));
  }

  /** A commit of gold that read silver. */
  String gold(Span silver) throws Exception {
    return table(GOLD).commit(progress(Map.of("silver.transactions", silver), Map.of(), Map.of()));
  }

  static Progress progress(
      Map<String, Span> position,
      Map<String, Long> counters,
      Map<String, Map<String, Long>> partitions) {
    return new Progress(
        position, counters, partitions, Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }

  private static RowData row(TableDefinition table, Map<String, Object> values) {
    GenericRowData row = new GenericRowData(table.columns().getFieldCount());
    values.forEach((column, value) -> row.setField(table.columns().getFieldIndex(column), value));
    return row;
  }

  @Override
  public void close() {
    tables.values().forEach(CommitRows::close);
  }
}
