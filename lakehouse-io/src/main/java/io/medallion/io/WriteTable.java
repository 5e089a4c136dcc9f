package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.data.RowData;
import org.apache.hudi.common.model.HoodieKey;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.sink.common.AbstractWriteOperator;
import org.apache.hudi.sink.common.WriteOperatorFactory;
import org.apache.hudi.sink.compact.CompactOperator;
import org.apache.hudi.sink.compact.CompactionCommitEvent;
import org.apache.hudi.sink.compact.CompactionCommitSink;
import org.apache.hudi.sink.compact.CompactionPlanEvent;
import org.apache.hudi.sink.compact.CompactionPlanOperator;
import org.apache.hudi.sink.partitioner.BucketIndexPartitioner;
import org.apache.hudi.sink.transform.RowDataToHoodieFunctions;

/**
 * The exactly-once end of every job.
 *
 * <pre>
 * append:            rows ──▶ write ──▶ (files)
 * upsert, changelog: rows ──▶ to-records ──by bucket──▶ write ──▶ compact-plan ──▶ compact ──▶ compact-commit
 * each write operator ◀──▶ {@link CommitCoordinator} in the JobManager: one commit per checkpoint
 * </pre>
 */
final class WriteTable {
  private WriteTable() {}

  static void write(DataStream<RowData> rows, HudiTable table, String pipeline) {
    int parallelism = rows.getExecutionEnvironment().getParallelism();
    Configuration conf =
        table.writing(
            parallelism,
            Duration.ofMillis(
                rows.getExecutionEnvironment().getCheckpointConfig().getCheckpointTimeout()));
    TableDefinition definition = table.definition();
    if (definition.writing() == Writing.APPEND) {
      append(rows, definition, conf, pipeline);
    } else {
      upsert(rows, definition, conf, pipeline);
    }
  }

  private static void append(
      DataStream<RowData> rows, TableDefinition table, Configuration conf, String pipeline) {
    rows.transform(
            name("write", table),
            TypeInformation.of(Object.class),
            new CommittingFactory<>(
                conf, new AppendRows.Operator(conf, table.columns()), pipeline, table))
        .uid(name("write", table))
        // Nothing flows here, but it makes one failover region of all writers: they share an
        // instant, so one that restarted alone would wait for the others' and they for its.
        .rebalance()
        .sinkTo(new DiscardingSink<>())
        .name(name("end", table))
        .uid(name("end", table));
  }

  private static void upsert(
      DataStream<RowData> rows, TableDefinition table, Configuration conf, String pipeline) {
    BucketIndexPartitioner<HoodieKey> byBucket =
        new BucketIndexPartitioner<>(
            conf.get(FlinkOptions.BUCKET_INDEX_NUM_BUCKETS),
            OptionsResolver.getIndexKeyField(conf));
    @SuppressWarnings("rawtypes")
    DataStream<HoodieRecord> records =
        rows.map(
                RowDataToHoodieFunctions.create(table.columns(), conf),
                TypeInformation.of(HoodieRecord.class))
            .name(name("to-records", table))
            .uid(name("to-records", table));
    records
        .partitionCustom(byBucket, HoodieRecord::getKey)
        .transform(
            name("write", table),
            TypeInformation.of(Object.class),
            new CommittingFactory<>(conf, new UpsertRows.Operator(conf), pipeline, table))
        .uid(name("write", table))
        .transform(
            name("compact-plan", table),
            TypeInformation.of(CompactionPlanEvent.class),
            new CompactionPlanOperator(conf))
        .uid(name("compact-plan", table))
        .setParallelism(1)
        .setMaxParallelism(1)
        .keyBy(plan -> plan.getOperation().getFileGroupId().getFileId())
        .transform(
            name("compact", table),
            TypeInformation.of(CompactionCommitEvent.class),
            new CompactOperator(conf))
        .uid(name("compact", table))
        .setParallelism(1)
        .addSink(new CompactionCommitSink(conf))
        .name(name("compact-commit", table))
        .uid(name("compact-commit", table))
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  private static String name(String operator, TableDefinition table) {
    return operator + " " + table.qualifiedName();
  }

  /** Hudi's write operators with our coordinator. */
  private static final class CommittingFactory<I> extends WriteOperatorFactory<I> {
    private static final long serialVersionUID = 1L;

    private final Configuration conf;
    private final String pipeline;
    private final TableDefinition table;

    CommittingFactory(
        Configuration conf,
        AbstractWriteOperator<I> operator,
        String pipeline,
        TableDefinition table) {
      super(conf, operator);
      this.conf = conf;
      this.pipeline = pipeline;
      this.table = table;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
      return new CommitCoordinator.Provider(operator, conf, pipeline, table.qualifiedName());
    }
  }
}
