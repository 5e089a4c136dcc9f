package io.medallion.services;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.ExactDeviation;
import io.medallion.schemas.Sql;
import io.medallion.schemas.TableDefinition;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/**
 * A session of Flink's batch engine in this process: sorts and groups on disk where memory does not
 * hold it. Times are UTC, and STDDEV is exact, as in the jobs.
 */
public final class BatchSql {
  /** Every thread sets 16 MB aside for each of its exchanges, of 64 MB that there are. */
  private static final int PARALLELISM = 2;

  private final StreamExecutionEnvironment threads;
  private final StreamTableEnvironment tables;

  public BatchSql() {
    threads = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM);
    threads.setRuntimeMode(RuntimeExecutionMode.BATCH);
    tables = StreamTableEnvironment.create(threads);
    tables.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    ExactDeviation.register(tables);
  }

  /** Names a table as it is now. */
  public void table(String name, Lakehouse lakehouse, TableDefinition table) {
    tables.createTemporaryView(Sql.identifier(name), lakehouse.rows(threads, table));
  }

  /**
   * Names a table as it was after one of its commits; after the queries are through, ask {@link
   * Lakehouse#requireHeld} once more.
   *
   * @throws io.medallion.io.NotHeldException if the table does not hold that state
   */
  public void tableAsOf(String name, Lakehouse lakehouse, TableDefinition table, String instant) {
    tables.createTemporaryView(Sql.identifier(name), lakehouse.rowsAsOf(threads, table, instant));
  }

  /** Names rows of this process. */
  public void rows(String name, RowType columns, List<Row> rows) {
    DataType row = TypeConversions.fromLogicalToDataType(columns);
    tables.createTemporaryView(
        Sql.identifier(name),
        // Not fromData(): it cannot do without rows.
        threads
            .fromSequence(1, 1)
            .flatMap((Long once, Collector<Row> out) -> rows.forEach(out::collect))
            .returns(ExternalTypeInfo.<Row>of(row)),
        Schema.newBuilder().fromRowDataType(row).build());
  }

  /** Names the rows of a query. */
  public void view(String name, String query) {
    tables.createTemporaryView(Sql.identifier(name), tables.sqlQuery(query));
  }

  /** Hands over the rows of a query one by one. */
  public void forEach(String query, Consumer<Row> rows) {
    try (CloseableIterator<Row> results = tables.executeSql(query).collect()) {
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
    return names.stream().map(Sql::identifier).collect(Collectors.joining(", "));
  }
}
