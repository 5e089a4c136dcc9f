package io.medallion.services;

import java.time.ZoneId;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;

/** Flink's batch engine in this process: sorts and groups on disk where memory does not hold it. */
public final class BatchSql {
  /** Every thread sets 16 MB aside for each of its exchanges, of 64 MB that there are. */
  private static final int PARALLELISM = 2;

  private BatchSql() {}

  /** A session of its own; times are UTC, as in the jobs. */
  public static TableEnvironment environment() {
    TableEnvironment sql = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    sql.getConfig().set(CoreOptions.DEFAULT_PARALLELISM, PARALLELISM);
    return sql;
  }

  /** Hands over the rows of a query one by one. */
  public static void forEach(TableEnvironment sql, String query, Consumer<Row> rows) {
    try (CloseableIterator<Row> results = sql.executeSql(query).collect()) {
      results.forEachRemaining(
          row -> {
            row.setKind(RowKind.INSERT);
            rows.accept(row);
          });
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("Could not run " + query, failure);
    }
  }

  /** Names of columns as a list for SELECT and GROUP BY. */
  public static String columns(List<String> names) {
    return names.stream().map(BatchSql::column).collect(Collectors.joining(", "));
  }

  /** A column's name as SQL takes it, whatever it holds. */
  public static String column(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
