package io.medallion.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.api.config.TableConfigOptions;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/**
 * Plans queries over views, in streaming mode and UTC, without running anything. A view is an empty
 * stream of the given columns; nothing outside Flink's table API is needed.
 */
final class SqlPlanner {
  private final StreamExecutionEnvironment environment;
  private final StreamTableEnvironment tables;

  private SqlPlanner() {
    Configuration configuration = new Configuration();
    configuration.set(TableConfigOptions.LOCAL_TIME_ZONE, "UTC");
    // Not getExecutionEnvironment(): inside a submitted program that is the program's own.
    environment = new StreamExecutionEnvironment(configuration);
    tables =
        StreamTableEnvironment.create(
            environment,
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(configuration)
                .build());
    ExactDeviation.register(tables);
  }

  private SqlPlanner view(String view, RowType columns, List<String> key, ChangelogMode changes) {
    DataType row = withoutNullKeys(columns, key);
    Schema.Builder schema = Schema.newBuilder().fromRowDataType(row);
    if (!key.isEmpty()) {
      schema.primaryKey(key);
    }
    tables.createTemporaryView(
        Sql.identifier(view),
        tables.fromChangelogStream(
            environment.fromData(List.of(), ExternalTypeInfo.<Row>of(row)),
            schema.build(),
            changes));
    return this;
  }

  /** A view whose rows are only ever added. */
  static SqlPlanner overAppends(String view, RowType columns) {
    return new SqlPlanner().view(view, columns, List.of(), ChangelogMode.insertOnly());
  }

  /** A view of one row per key, which changes and goes. */
  static SqlPlanner overChanges(String view, RowType columns, List<String> key) {
    return new SqlPlanner().andChanges(view, columns, key);
  }

  /** Such a view beside those that there are. */
  SqlPlanner andChanges(String view, RowType columns, List<String> key) {
    return view(view, columns, key, ChangelogMode.all());
  }

  QueryPlan plan(String sql) throws UnplannableQueryException {
    try {
      Table table = tables.sqlQuery(sql);
      return QueryPlan.of(columns(table), table.explain());
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new UnplannableQueryException(e);
    }
  }

  /** Only the columns of the result; the query need not be one that can run. */
  RowType columns(String sql) throws UnplannableQueryException {
    try {
      return columns(tables.sqlQuery(sql));
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new UnplannableQueryException(e);
    }
  }

  /**
   * The types of numbers that a query adds up, or takes the average of, and whose sum is rounded at
   * each step: it depends on the order of rows.
   */
  Set<String> roundedSums(String sql) {
    RecordSums sum = new RecordSums(false);
    RecordSums average = new RecordSums(true);
    tables.createTemporarySystemFunction("SUM", sum);
    tables.createTemporarySystemFunction("AVG", average);
    try {
      tables.sqlQuery(sql);
    } finally {
      tables.dropTemporarySystemFunction("SUM");
      tables.dropTemporarySystemFunction("AVG");
    }
    Set<String> types = new TreeSet<>(sum.rounded());
    types.addAll(average.rounded());
    return types;
  }

  /** Plans a query whose result is written to a table with the given key. */
  QueryPlan planUpsert(String sql, List<String> key) throws UnplannableQueryException {
    try {
      Table table = tables.sqlQuery(sql);
      RowType columns = columns(table);
      Schema schema =
          Schema.newBuilder()
              .fromRowDataType(withoutNullKeys(columns, key))
              .primaryKey(key)
              .build();
      TableDescriptor sink = TableDescriptor.forConnector("blackhole").schema(schema).build();
      return QueryPlan.of(columns, table.insertInto(sink).explain());
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new UnplannableQueryException(e);
    }
  }

  private static RowType columns(Table table) {
    List<RowType.RowField> fields = new ArrayList<>();
    for (Column column : table.getResolvedSchema().getColumns()) {
      fields.add(new RowType.RowField(column.getName(), column.getDataType().getLogicalType()));
    }
    return new RowType(false, fields);
  }

  /** A primary key's columns are NOT NULL by definition, whatever the query says of them. */
  private static DataType withoutNullKeys(RowType columns, List<String> key) {
    List<RowType.RowField> fields = new ArrayList<>();
    for (RowType.RowField field : columns.getFields()) {
      fields.add(
          key.contains(field.getName())
              ? new RowType.RowField(field.getName(), field.getType().copy(false))
              : field);
    }
    return TypeConversions.fromLogicalToDataType(new RowType(false, fields));
  }
}
