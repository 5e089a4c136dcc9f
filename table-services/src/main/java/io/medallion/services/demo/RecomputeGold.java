package io.medallion.services.demo;

import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;

/**
 * Recomputes every gold table from a snapshot of silver, as a batch job in this process, and
 * compares the two row by row and column by column. Reads the tables as any Flink user does: Flink
 * SQL over Hudi's dfs catalog.
 */
public record RecomputeGold(PipelineDefinition pipeline, String warehouse) implements VerifyGold {
  private static final int EXAMPLES = 5;

  @Override
  public List<GoldCheck> verify() {
    TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    sql.getConfig().set(CoreOptions.DEFAULT_PARALLELISM, 1);
    sql.executeSql(
        "CREATE CATALOG lake WITH ('type' = 'hudi', 'mode' = 'dfs', 'catalog.path' = '%s')"
            .formatted(warehouse.replace("'", "''")));
    sql.createTemporaryView("silver", sql.from(name(Tables.silver(pipeline))));
    return pipeline.gold().stream().map(gold -> check(sql, gold)).toList();
  }

  private static GoldCheck check(TableEnvironment sql, GoldDefinition gold) {
    Map<Row, Long> recomputed = rows(sql, gold.sql());
    Map<Row, Long> actual = rows(sql, "SELECT * FROM " + name(Tables.gold(gold)));
    long rows = recomputed.values().stream().mapToLong(Long::longValue).sum();
    List<String> examples = new ArrayList<>();
    long differing =
        lacking("gold lacks ", recomputed, actual, examples)
            + lacking("gold has   ", actual, recomputed, examples);
    return new GoldCheck(gold.table(), rows, differing, examples);
  }

  /** How many rows of the one the other does not have. */
  private static long lacking(
      String how, Map<Row, Long> one, Map<Row, Long> other, List<String> examples) {
    long lacking = 0;
    for (Map.Entry<Row, Long> row : one.entrySet()) {
      long missing = Math.max(0, row.getValue() - other.getOrDefault(row.getKey(), 0L));
      if (missing > 0 && examples.size() < EXAMPLES) {
        examples.add(how + row.getKey());
      }
      lacking += missing;
    }
    return lacking;
  }

  private static Map<Row, Long> rows(TableEnvironment sql, String query) {
    Map<Row, Long> rows = new HashMap<>();
    try (CloseableIterator<Row> results = sql.executeSql(query).collect()) {
      results.forEachRemaining(
          row -> {
            row.setKind(RowKind.INSERT);
            rows.merge(row, 1L, Long::sum);
          });
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("Could not read " + query, failure);
    }
    return rows;
  }

  private static String name(TableDefinition table) {
    return "`lake`.`%s`.`%s`".formatted(table.layer().database(), table.name());
  }
}
