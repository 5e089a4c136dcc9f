package io.medallion.gold;

import io.medallion.io.Input;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.ZoneId;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/**
 * The graph of {@code aggregate-gold}.
 *
 * <pre>
 * follow silver.&lt;pipeline&gt; ──▶ report input ──▶ Flink SQL, one query for each gold table
 *                                                   └──by key──▶ keep last ──▶ write gold.&lt;table&gt;
 * </pre>
 */
final class AggregateGoldPipeline {
  private static final String SILVER = "silver";
  private static final String REPORT_INPUT = "report input";
  private static final String TO_SQL = "to sql";
  private static final String FROM_SQL = "from sql ";
  private static final String KEEP_LAST = "keep last ";

  private AggregateGoldPipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition silver = Tables.silver(pipeline);
    List<TableDefinition> tables = pipeline.gold().stream().map(Tables::gold).toList();
    CheckVersions.check(pipeline, lakehouse.warehouse());
    lakehouse.create(silver);
    StreamTableEnvironment sql = sqlEnvironment(env);
    Input changes = lakehouse.follow(env, silver, tables);
    SingleOutputStreamOperator<RowData> counted =
        changes
            .rows()
            .transform(
                REPORT_INPUT,
                InternalTypeInfo.of(silver.columns()),
                new ReportInput(silver, pipeline.silver().orderBy()))
            .uid(REPORT_INPUT);
    sql.createTemporaryView(SILVER, silverChanges(sql, silver, counted));

    for (GoldDefinition gold : pipeline.gold()) {
      TableDefinition table = Tables.gold(gold);
      lakehouse.create(table);
      DataStream<Row> results = sql.toChangelogStream(sql.sqlQuery(gold.sql()));
      SqlOperators.name(results.getTransformation(), table);
      SingleOutputStreamOperator<RowData> groups =
          results
              .map(RowConversion.toInternal(table.columns()), InternalTypeInfo.of(table.columns()))
              .name(FROM_SQL + table.name())
              .uid(FROM_SQL + table.name())
              .keyBy(new GroupKey(table))
              .transform(
                  KEEP_LAST + table.name(),
                  InternalTypeInfo.of(table.columns()),
                  new KeepLast(table))
              .uid(KEEP_LAST + table.name());
      lakehouse.write(
          groups, table, changes.reports(), Input.reports(counted), Input.reports(groups));
    }
  }

  private static Table silverChanges(
      StreamTableEnvironment sql, TableDefinition silver, DataStream<RowData> changes) {
    DataType row = TypeConversions.fromLogicalToDataType(silver.columns());
    DataStream<Row> external =
        changes
            .map(RowConversion.toExternal(silver.columns()), ExternalTypeInfo.<Row>of(row))
            .name(TO_SQL)
            .uid(TO_SQL);
    return sql.fromChangelogStream(
        external, Schema.newBuilder().fromRowDataType(row).build(), ChangelogMode.all());
  }

  private static StreamTableEnvironment sqlEnvironment(StreamExecutionEnvironment env) {
    StreamTableEnvironment sql = StreamTableEnvironment.create(env);
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    return sql;
  }
}
