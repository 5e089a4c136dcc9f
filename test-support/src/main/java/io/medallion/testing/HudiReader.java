package io.medallion.testing;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;

/** Reads tables as a stranger would: Flink SQL over Hudi's own dfs catalog, no code of ours. */
public final class HudiReader {
  private final TableEnvironment sql;

  public HudiReader(String warehouse) {
    sql = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    sql.getConfig().setLocalTimeZone(java.time.ZoneId.of("UTC"));
    sql.getConfig().set("parallelism.default", "1");
    // A row of more than that is not handed over.
    sql.getConfig().set("collect-sink.batch-size.max", "32mb");
    sql.executeSql(
        "CREATE CATALOG lake WITH ('type' = 'hudi', 'catalog.path' = '%s', 'mode' = 'dfs')"
            .formatted(warehouse));
    sql.executeSql("USE CATALOG lake");
  }

  /** The databases that the catalog lists. */
  public List<String> databases() {
    return query("SHOW DATABASES").stream().map(row -> (String) row.getField(0)).sorted().toList();
  }

  /** The rows of a query over {@code bronze.x}, {@code silver.x}, {@code gold.x}, as inserts. */
  public List<Row> query(String statement) {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> results = sql.executeSql(statement).collect()) {
      results.forEachRemaining(
          row -> {
            row.setKind(RowKind.INSERT);
            rows.add(row);
          });
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("Could not read: " + statement, failure);
    }
    return rows;
  }

  /** Runs an INSERT and waits for its commit: what somebody else does to a table. */
  public void insert(String statement) throws Exception {
    sql.executeSql(statement).await();
  }
}
