package io.medallion.gold;

import io.medallion.io.Lakehouse;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.ZoneId;
import org.apache.flink.streaming.api.datastream.DataStream;
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
    lakehouse.create(silver);
    StreamTableEnvironment sql = sqlEnvironment(env);
    sql.createTemporaryView(SILVER, silverChanges(env, sql, pipeline, lakehouse));

    for (GoldDefinition gold : pipeline.gold()) {
      TableDefinition table = Tables.gold(gold);
      lakehouse.create(table);
      DataStream<Row> changes = sql.toChangelogStream(sql.sqlQuery(gold.sql()));
      SqlOperators.name(changes.getTransformation(), table.name());
      DataStream<RowData> groups =
          changes
              .map(RowConversion.toInternal(table.columns()), InternalTypeInfo.of(table.columns()))
              .name(FROM_SQL + table.name())
              .uid(FROM_SQL + table.name())
              .keyBy(new GroupKey(table))
              .transform(
                  KEEP_LAST + table.name(),
                  InternalTypeInfo.of(table.columns()),
                  new ReportingOperator.Factory(new KeepLast(table)))
              .uid(KEEP_LAST + table.name());
      lakehouse.write(groups, table);
    }
  }

  private static Table silverChanges(
      StreamExecutionEnvironment env,
      StreamTableEnvironment sql,
      PipelineDefinition pipeline,
      Lakehouse lakehouse) {
    TableDefinition silver = Tables.silver(pipeline);
    DataType row = TypeConversions.fromLogicalToDataType(silver.columns());
    DataStream<Row> changes =
        lakehouse
            .follow(env, silver)
            .transform(
                REPORT_INPUT,
                InternalTypeInfo.of(silver.columns()),
                new ReportingOperator.Factory(new ReportInput(silver, pipeline.silver().orderBy())))
            .uid(REPORT_INPUT)
            .map(RowConversion.toExternal(silver.columns()), ExternalTypeInfo.<Row>of(row))
            .name(TO_SQL)
            .uid(TO_SQL);
    return sql.fromChangelogStream(
        changes, Schema.newBuilder().fromRowDataType(row).build(), ChangelogMode.all());
  }

  private static StreamTableEnvironment sqlEnvironment(StreamExecutionEnvironment env) {
    StreamTableEnvironment sql = StreamTableEnvironment.create(env);
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    return sql;
  }
}
