package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.time.Duration;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;
import org.apache.hudi.common.model.HoodieKey;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.sink.partitioner.BucketIndexPartitioner;

/**
 * The exactly-once end of every job.
 *
 * <pre>
 * append:            rows ──▶ write ─────────────────────────────▶ commit
 * upsert, changelog: rows ──▶ to-records ──by bucket──▶ write ──▶ commit ──▶ compact ──▶ clean
 * reports of all operators that count ───────────────────────────▶ commit
 * commit, compact, clean ──▶ {@link CommitCoordinator} in the JobManager: one commit per checkpoint, or compaction
 * </pre>
 */
final class WriteTable {
  private WriteTable() {}

  /**
   * Adds what writes, commits and looks after a table.
   *
   * @param behind the table that the same job writes and these rows are made of, if any
   * @return what writes, whose side output {@link RelayRows#COUNTS} has the instants; empty where
   *     that is not our sink
   */
  @SafeVarargs
  static Optional<SingleOutputStreamOperator<Row>> write(
      DataStream<RowData> rows,
      HudiTable table,
      String pipeline,
      @Nullable String behind,
      DataStream<Row>... reports) {
    int parallelism = rows.getExecutionEnvironment().getParallelism();
    Configuration conf =
        table.writing(
            parallelism,
            Duration.ofMillis(
                rows.getExecutionEnvironment().getCheckpointConfig().getCheckpointTimeout()));
    conf.setString(
        CommitLog.CHECKPOINT_INTERVAL,
        String.valueOf(
            rows.getExecutionEnvironment().getCheckpointConfig().getCheckpointInterval()));
    TableDefinition definition = table.definition();
    if (FastServices.areChosen(rows.getExecutionEnvironment())) {
      FastServices.choose(definition, conf);
    }
    if (StockSink.isChosen(rows.getExecutionEnvironment())) {
      StockSink.write(rows, definition, conf);
      return Optional.empty();
    }
    boolean append = definition.writing() == Writing.APPEND;
    SingleOutputStreamOperator<Row> written =
        append ? append(rows, definition, conf) : upsert(rows, definition, conf);
    DataStream<Object> committed = commit(written, definition, conf, pipeline, behind, reports);
    if (!append) {
      compact(committed, definition, conf);
    }
    return Optional.of(written);
  }

  private static SingleOutputStreamOperator<Row> append(
      DataStream<RowData> rows, TableDefinition table, Configuration conf) {
    return rows.transform(
            name("write", table),
            CommitPart.TYPE,
            new WriteOperator<>(
                table.qualifiedName(),
                new AppendRows(conf, table.columns()),
                conf.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT)))
        .uid(name("write", table));
  }

  private static SingleOutputStreamOperator<Row> upsert(
      DataStream<RowData> rows, TableDefinition table, Configuration conf) {
    BucketIndexPartitioner<HoodieKey> byBucket =
        new BucketIndexPartitioner<>(
            conf.get(FlinkOptions.BUCKET_INDEX_NUM_BUCKETS),
            OptionsResolver.getIndexKeyField(conf));
    @SuppressWarnings("rawtypes")
    DataStream<HoodieRecord> records =
        rows.map(new ToRecords(table, conf), TypeInformation.of(HoodieRecord.class))
            .name(name("to-records", table))
            .uid(name("to-records", table));
    return records
        .partitionCustom(byBucket, HoodieRecord::getKey)
        .transform(
            name("write", table),
            CommitPart.TYPE,
            new WriteOperator<>(
                table.qualifiedName(),
                new UpsertRows(conf),
                conf.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT)))
        .uid(name("write", table));
  }

  private static DataStream<Object> commit(
      DataStream<Row> written,
      TableDefinition table,
      Configuration conf,
      String pipeline,
      @Nullable String behind,
      DataStream<Row>[] reports) {
    DataStream<Row> parts = reports.length == 0 ? written : written.union(reports);
    return parts
        .transform(
            name("commit", table),
            TypeInformation.of(Object.class),
            new CollectCommits.Factory(conf, pipeline, table.qualifiedName(), behind))
        .uid(CommitLine.uid(table.qualifiedName()))
        .forceNonParallel();
  }

  private static void compact(
      DataStream<Object> committed, TableDefinition table, Configuration conf) {
    committed
        .transform(
            name("compact", table),
            TypeInformation.of(Object.class),
            new RunCompactions(
                conf, table.qualifiedName(), conf.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT)))
        .uid(name("compact", table))
        .forceNonParallel()
        .transform(
            name("clean", table),
            TypeInformation.of(Object.class),
            new CleanFiles(
                conf, table.qualifiedName(), conf.get(FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT)))
        .uid(name("clean", table))
        .forceNonParallel();
  }

  private static String name(String operator, TableDefinition table) {
    return operator + " " + table.qualifiedName();
  }
}
