package io.medallion.io;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** Reads tables with Flink SQL over Hudi's own catalog, no code of ours. */
final class ReadTable {
  private ReadTable() {}

  /** The rows of a query over {@code lake.<layer>.<table>}, fields separated by a blank. */
  static List<String> rows(String warehouse, String query) throws Exception {
    TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    sql.getConfig().set("parallelism.default", "1");
    sql.executeSql(
        "CREATE CATALOG lake WITH ('type' = 'hudi', 'catalog.path' = '%s', 'mode' = 'dfs')"
            .formatted(warehouse));
    List<String> rows = new ArrayList<>();
    try (CloseableIterator<Row> results = sql.executeSql(query).collect()) {
      results.forEachRemaining(
          row ->
              rows.add(
                  IntStream.range(0, row.getArity())
                      .mapToObj(i -> String.valueOf(row.getField(i)))
                      .collect(Collectors.joining(" "))));
    }
    return rows;
  }
}
