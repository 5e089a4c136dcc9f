package io.medallion.services.gold;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Sql;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.BatchSql;
import io.medallion.services.GoldInputs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;

/**
 * Computes a gold table in batch from silver as of one of its commits, and what its query joins
 * likewise, and commits the difference to what the table holds. The commit's position is of these
 * instants, so that a job which reads the tables from their beginning goes on behind them.
 */
final class RebuildGold {
  private static final String HELD = "medallion.held";
  private static final String COMPUTED = "medallion.computed";
  private static final String COMPARED = "medallion.compared";

  /** How often a row is in what was computed less how often it is held. */
  private static final String MORE = "`medallion.more`";

  private final GoldDefinition gold;
  private final String warehouse;
  private final Lakehouse lakehouse;
  private final TableDefinition silver;
  private final TableDefinition table;
  private final List<TableDefinition> joinedTables;
  private final GoldInputs inputs;

  RebuildGold(PipelineDefinition pipeline, GoldDefinition gold, String warehouse) {
    this.gold = gold;
    this.warehouse = warehouse;
    this.lakehouse = new Lakehouse(warehouse, pipeline.name());
    this.silver = Tables.silver(pipeline);
    this.table = Tables.gold(gold);
    this.joinedTables = pipeline.joinedTables();
    this.inputs = new GoldInputs(pipeline, gold, lakehouse);
  }

  /**
   * Both tables must have a commit of ours.
   *
   * @param progress hears what is done
   * @throws InvalidConfigurationException if the table cannot hold the query's rows
   * @throws io.medallion.io.NotHeldException if silver is not held as it was when this began
   */
  Rebuilt rebuild(Consumer<String> progress) {
    lakehouse.requireAsDefined(table);
    Commit before = CommitLog.latest(warehouse, table).orElseThrow();
    Commit silverRead = newestWhole(silver).orElseThrow();
    Map<String, Long> instants = new TreeMap<>();
    instants.put(silver.qualifiedName(), Long.valueOf(silverRead.instant()));
    for (TableDefinition other : joinedTables) {
      // The job may have read on, into what belongs to a checkpoint that is not whole.
      long read = before.progress().next(other.qualifiedName());
      instants.put(
          other.qualifiedName(),
          newestWhole(other)
              .map(newest -> Math.max(read, Long.parseLong(newest.instant())))
              .orElse(read));
    }
    progress.accept(
        "%s version %d from %s"
            .formatted(table.qualifiedName(), gold.version(), inputs.asOf(instants)));
    BatchSql sql = new BatchSql();
    inputs.registerAsOf(sql, instants);
    sql.table(HELD, lakehouse, table);
    compare(sql);
    AtomicLong written = new AtomicLong();
    AtomicLong deleted = new AtomicLong();
    long rows = count(sql);
    lakehouse.rewrite(
        table,
        changes -> {
          forEach(sql, written(), RowKind.INSERT, changes, written);
          forEach(sql, deleted(), RowKind.DELETE, changes, deleted);
          inputs.requireHeld(instants);
          progress.accept(
              "%,d rows to write, %,d to delete".formatted(written.get(), deleted.get()));
        },
        carries(
            before.version() == gold.version() ? before.progress() : Progress.NONE,
            instants,
            silverRead,
            rows));
    return new Rebuilt(
        table.qualifiedName(),
        gold.version(),
        before.version(),
        written.get(),
        deleted.get(),
        rows,
        silverRead.instant());
  }

  /** The newest commit of a table behind which no other one belongs to the same checkpoint. */
  private Optional<Commit> newestWhole(TableDefinition input) {
    return CommitLog.snapshot(warehouse, input)
        .flatMap(
            newest ->
                CommitLog.active(warehouse, input).stream()
                    .filter(commit -> commit.instant().compareTo(newest.instant()) <= 0)
                    .reduce((first, later) -> later));
  }

  private void compare(BatchSql sql) {
    String columns = BatchSql.columns(gold.columns().getFieldNames());
    sql.view(COMPUTED, gold.sql());
    sql.view(
        COMPARED,
        """
            SELECT %1$s, SUM(%2$s) AS %2$s
            FROM (SELECT %1$s, 1 AS %2$s FROM `%3$s` UNION ALL SELECT %1$s, -1 FROM `%4$s`)
            GROUP BY %1$s
            """
            .formatted(columns, MORE, COMPUTED, HELD));
  }

  private long count(BatchSql sql) {
    AtomicLong rows = new AtomicLong();
    sql.forEach(
        "SELECT COUNT(*) FROM `%s`".formatted(COMPUTED), row -> rows.set(row.<Long>getFieldAs(0)));
    return rows.get();
  }

  private String written() {
    return "SELECT %s FROM `%s` WHERE %s > 0"
        .formatted(BatchSql.columns(gold.columns().getFieldNames()), COMPARED, MORE);
  }

  /** A row that is another one now is written over. */
  private String deleted() {
    return "SELECT %s FROM `%s` AS h WHERE %s < 0 AND NOT EXISTS (SELECT 1 FROM `%s` AS c WHERE %s)"
        .formatted(
            gold.columns().getFieldNames().stream()
                .map(column -> "h." + Sql.identifier(column))
                .collect(Collectors.joining(", ")),
            COMPARED,
            "h." + MORE,
            COMPUTED,
            gold.key().stream()
                .map(Sql::identifier)
                .map(column -> "c." + column + " = h." + column)
                .collect(Collectors.joining(" AND ")));
  }

  private void forEach(
      BatchSql sql, String query, RowKind kind, Consumer<RowData> into, AtomicLong count) {
    DataStructureConverter<Object, Object> converter =
        DataStructureConverters.getConverter(TypeConversions.fromLogicalToDataType(gold.columns()));
    converter.open(RebuildGold.class.getClassLoader());
    sql.forEach(
        query,
        (Row row) -> {
          RowData change = (RowData) converter.toInternal(row);
          change.setRowKind(kind);
          into.accept(change);
          count.incrementAndGet();
        });
  }

  /**
   * As if the job had read all of its tables up to there.
   *
   * @param before what this version of the table has
   */
  private static Progress carries(
      Progress before, Map<String, Long> instants, Commit read, long rows) {
    Map<String, Span> position = new TreeMap<>();
    instants.forEach(
        (input, instant) -> position.put(input, new Span(before.next(input), instant)));
    return new Progress(
        position,
        Map.of(
            Progress.INPUT,
            read.progress().counter(Progress.CHANGES) - before.counter(Progress.INPUT),
            Progress.ROWS,
            rows - before.counter(Progress.ROWS)),
        Map.of(),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }
}
