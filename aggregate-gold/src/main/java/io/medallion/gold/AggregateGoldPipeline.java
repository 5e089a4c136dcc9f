package io.medallion.gold;

import io.medallion.io.Followed;
import io.medallion.io.Input;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.ExactDeviation;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Reference;
import io.medallion.schemas.Sql;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/**
 * The graph of {@code aggregate-gold}.
 *
 * <pre>
 * follow silver.&lt;pipeline&gt; ──▶ report input ──▶ Flink SQL, one query for each gold table
 * follow silver.&lt;other&gt;, emit reference ──────────▶ ┘    └──by key──▶ keep last ──▶ write gold.&lt;table&gt;
 * </pre>
 */
final class AggregateGoldPipeline {
  private static final String SILVER = "silver";
  private static final String REPORT_INPUT = "report input";
  private static final String REFERENCE = "reference ";
  private static final String TO_SQL = "to sql";
  private static final String FROM_SQL = "from sql ";
  private static final String KEEP_LAST = "keep last ";

  private AggregateGoldPipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition silver = Tables.silver(pipeline);
    List<TableDefinition> tables = pipeline.gold().stream().map(Tables::gold).toList();
    CheckVersions.check(pipeline, lakehouse.warehouse());
    List<TableDefinition> others = pipeline.joinedTables();
    lakehouse.create(
        Stream.of(List.of(silver), others, tables)
            .flatMap(List::stream)
            .toArray(TableDefinition[]::new));
    Followed followed = lakehouse.follow(env, silver, others, tables);
    Input changes = followed.input();
    SingleOutputStreamOperator<RowData> counted = count(changes.rows(), pipeline);
    aggregate(counted, references(followed, pipeline), pipeline, lakehouse)
        .forEach(
            (table, groups) ->
                lakehouse.write(
                    groups,
                    table,
                    changes.reports(),
                    Input.reports(counted),
                    Input.reports(groups)));
  }

  /** Changes of silver as they are, counted for the commits of gold. */
  static SingleOutputStreamOperator<RowData> count(
      DataStream<RowData> changes, PipelineDefinition pipeline) {
    TableDefinition silver = Tables.silver(pipeline);
    return changes
        .transform(
            REPORT_INPUT,
            InternalTypeInfo.of(silver.columns()),
            new ReportInput(silver, pipeline.silver().orderBy()))
        .uid(REPORT_INPUT);
  }

  /** What the gold queries join: the changes of other tables, and the rows of files. */
  static Map<Reference, DataStream<RowData>> references(
      Followed followed, PipelineDefinition pipeline) {
    Map<Reference, DataStream<RowData>> references = new LinkedHashMap<>();
    List<TableDefinition> tables = pipeline.joinedTables();
    for (Reference reference : pipeline.joined()) {
      if (reference instanceof Reference.OfFile file) {
        references.put(reference, rows(file, followed.input().reports()));
      } else if (reference instanceof Reference.OfPipeline other) {
        references.put(reference, followed.others().get(tables.indexOf(other.table())));
      }
    }
    return references;
  }

  private static DataStream<RowData> rows(Reference.OfFile file, DataStream<Row> barriers) {
    return barriers
        .transform(
            REFERENCE + file.name(), InternalTypeInfo.of(file.columns()), new EmitReference(file))
        // What was emitted of another file is not taken for this one's.
        .uid(REFERENCE + file.name() + " " + file.fingerprint())
        .forceNonParallel()
        // In a job of one subtask, what follows would take over that it can have one only, and a
        // savepoint would not fit a job of more.
        .disableChaining();
  }

  /** Changes of silver as rows of each gold table. */
  static Map<TableDefinition, SingleOutputStreamOperator<RowData>> aggregate(
      DataStream<RowData> changes,
      Map<Reference, DataStream<RowData>> references,
      PipelineDefinition pipeline,
      Lakehouse lakehouse) {
    StreamTableEnvironment sql = sqlEnvironment(changes.getExecutionEnvironment());
    sql.createTemporaryView(SILVER, view(sql, TO_SQL, Tables.silver(pipeline).columns(), changes));
    references.forEach(
        (reference, rows) ->
            sql.createTemporaryView(
                Sql.identifier(reference.name()),
                view(sql, TO_SQL + " " + reference.name(), reference.columns(), rows)));
    Map<TableDefinition, SingleOutputStreamOperator<RowData>> tables = new LinkedHashMap<>();
    for (GoldDefinition gold : pipeline.gold()) {
      TableDefinition table = Tables.gold(gold);
      DataStream<Row> results = sql.toChangelogStream(sql.sqlQuery(gold.sql()));
      SqlOperators.name(results.getTransformation(), table);
      tables.put(
          table,
          results
              .map(RowConversion.toInternal(table.columns()), InternalTypeInfo.of(table.columns()))
              .name(FROM_SQL + table.name())
              .uid(FROM_SQL + table.name())
              .keyBy(new GroupKey(table))
              .transform(
                  KEEP_LAST + table.name(),
                  InternalTypeInfo.of(table.columns()),
                  new KeepLast(table, lakehouse.former(changes.getExecutionEnvironment(), table)))
              .uid(KEEP_LAST + table.name()));
    }
    return tables;
  }

  private static Table view(
      StreamTableEnvironment sql, String name, RowType columns, DataStream<RowData> changes) {
    DataType row = TypeConversions.fromLogicalToDataType(columns);
    DataStream<Row> external =
        changes
            .map(RowConversion.toExternal(columns), ExternalTypeInfo.<Row>of(row))
            .name(name)
            .uid(name);
    return sql.fromChangelogStream(
        external, Schema.newBuilder().fromRowDataType(row).build(), ChangelogMode.all());
  }

  private static StreamTableEnvironment sqlEnvironment(StreamExecutionEnvironment env) {
    StreamTableEnvironment sql = StreamTableEnvironment.create(env);
    sql.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    ExactDeviation.register(sql);
    return sql;
  }
}
