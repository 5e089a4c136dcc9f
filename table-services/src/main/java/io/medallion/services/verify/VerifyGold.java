package io.medallion.services.verify;

import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Span;
import io.medallion.io.TableSnapshot;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.BatchSql;
import io.medallion.services.GoldInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.flink.types.Row;

/**
 * Recomputes gold tables from silver with Flink's batch engine in this process, which knows no
 * retraction, and compares all rows and columns. Both sides are grouped by all columns, on disk
 * where memory does not hold them.
 */
public final class VerifyGold {
  private static final int EXAMPLES = 5;

  private static final String RECOMPUTED = "medallion.recomputed rows";
  private static final String FOUND = "medallion.found";
  private static final String COMPARED = "medallion.compared";

  /** How often a row is in the recomputation, and in gold. No column of a query is called so. */
  private static final String IN_RECOMPUTATION = "`medallion.recomputed`";

  private static final String IN_GOLD = "`medallion.gold`";

  private final PipelineDefinition pipeline;
  private final String warehouse;
  private final Lakehouse lakehouse;

  public VerifyGold(PipelineDefinition pipeline, String warehouse) {
    this.pipeline = pipeline;
    this.warehouse = warehouse;
    this.lakehouse = new Lakehouse(warehouse, pipeline.name());
  }

  /**
   * Compares each gold table as of its newest commit with silver as of the commit which that one
   * names; jobs may go on meanwhile. A table without a commit has nothing to be compared.
   *
   * @param progress hears what is about to be compared
   * @throws io.medallion.io.NotHeldException if silver or gold does not hold that state any more
   */
  public List<GoldCheck> asCommitted(Consumer<String> progress) {
    List<GoldCheck> checks = new ArrayList<>();
    for (GoldDefinition gold : pipeline.gold()) {
      TableDefinition table = Tables.gold(gold);
      Optional<TableSnapshot> snapshot = CommitLog.snapshot(warehouse, table);
      if (snapshot.isEmpty()) {
        checks.add(new GoldCheck(gold.table(), "", "", 0, 0, List.of()));
        continue;
      }
      checks.add(asOf(gold, snapshot.get(), progress));
    }
    return checks;
  }

  /** Compares the tables as they are, of whom nobody writes any more, whoever wrote them. */
  public List<GoldCheck> asTheyAre() {
    List<GoldCheck> checks = new ArrayList<>();
    for (GoldDefinition gold : pipeline.gold()) {
      BatchSql sql = new BatchSql();
      new GoldInputs(pipeline, gold, lakehouse).register(sql);
      sql.table(FOUND, lakehouse, Tables.gold(gold));
      checks.add(compare(sql, gold, "", ""));
    }
    return checks;
  }

  private GoldCheck asOf(GoldDefinition gold, TableSnapshot snapshot, Consumer<String> progress) {
    TableDefinition table = Tables.gold(gold);
    TableDefinition silver = Tables.silver(pipeline);
    long read = snapshot.position().getOrDefault(silver.qualifiedName(), Span.START);
    String silverInstant = read == Span.START ? "" : String.valueOf(read);
    GoldInputs inputs = new GoldInputs(pipeline, gold, lakehouse);
    progress.accept(
        "%s as of %s, recomputed from %s"
            .formatted(
                table.qualifiedName(), snapshot.instant(), inputs.asOf(snapshot.position())));
    BatchSql sql = new BatchSql();
    inputs.registerAsOf(sql, snapshot.position());
    sql.tableAsOf(FOUND, lakehouse, table, snapshot.instant());
    GoldCheck check = compare(sql, gold, snapshot.instant(), silverInstant);
    inputs.requireHeld(snapshot.position());
    lakehouse.requireHeld(table, snapshot.instant());
    return check;
  }

  private static GoldCheck compare(
      BatchSql sql, GoldDefinition gold, String goldInstant, String silverInstant) {
    String columns = BatchSql.columns(gold.columns().getFieldNames());
    sql.view(RECOMPUTED, gold.sql());
    sql.view(
        COMPARED,
        """
            SELECT %1$s, SUM(%2$s) AS %2$s, SUM(%3$s) AS %3$s
            FROM (
              SELECT %1$s, CAST(1 AS BIGINT) AS %2$s, CAST(0 AS BIGINT) AS %3$s FROM `%4$s`
              UNION ALL
              SELECT %1$s, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM `%5$s`
            )
            GROUP BY %1$s
            """
            .formatted(columns, IN_RECOMPUTATION, IN_GOLD, RECOMPUTED, FOUND));
    Row sums =
        rows(
                sql,
                "SELECT SUM(%1$s), SUM(ABS(%1$s - %2$s)) FROM `%3$s`"
                    .formatted(IN_RECOMPUTATION, IN_GOLD, COMPARED))
            .get(0);
    long rows = number(sums.getField(0));
    long differing = number(sums.getField(1));
    List<String> examples = differing == 0 ? List.of() : examples(sql, columns);
    return new GoldCheck(gold.table(), goldInstant, silverInstant, rows, differing, examples);
  }

  /** Those that gold lacks stand beside those that it has instead. */
  private static List<String> examples(BatchSql sql, String columns) {
    return rows(
            sql,
            "SELECT %2$s > %3$s, %1$s FROM `%4$s` WHERE %2$s <> %3$s ORDER BY %1$s LIMIT %5$d"
                .formatted(columns, IN_RECOMPUTATION, IN_GOLD, COMPARED, EXAMPLES))
        .stream()
        .map(row -> (isLacking(row) ? "gold lacks " : "gold has   ") + values(row))
        .toList();
  }

  private static boolean isLacking(Row row) {
    return Boolean.TRUE.equals(row.getField(0));
  }

  private static Row values(Row row) {
    return Row.project(row, IntStream.range(1, row.getArity()).toArray());
  }

  private static long number(Object sum) {
    return sum == null ? 0 : ((Number) sum).longValue();
  }

  private static List<Row> rows(BatchSql sql, String query) {
    List<Row> rows = new ArrayList<>();
    sql.forEach(query, rows::add);
    return rows;
  }
}
