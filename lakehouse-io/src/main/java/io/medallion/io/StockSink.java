package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.hudi.common.model.HoodieKey;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.sink.StreamWriteOperatorCoordinator;
import org.apache.hudi.sink.append.AppendWriteOperator;
import org.apache.hudi.sink.bucket.BucketStreamWriteOperator;
import org.apache.hudi.sink.common.AbstractWriteOperator;
import org.apache.hudi.sink.common.WriteOperatorFactory;
import org.apache.hudi.sink.compact.CompactOperator;
import org.apache.hudi.sink.compact.CompactionCommitEvent;
import org.apache.hudi.sink.compact.CompactionCommitSink;
import org.apache.hudi.sink.compact.CompactionPlanEvent;
import org.apache.hudi.sink.compact.CompactionPlanOperator;
import org.apache.hudi.sink.partitioner.BucketIndexPartitioner;
import org.apache.hudi.sink.utils.Pipelines;

/**
 * The sink of hudi-flink 0.14 as it comes, to be compared with ours on the same tables: {@code
 * flink run -Dmedallion.sink=hudi-flink}. For tests alone: its commits say nothing of positions, so
 * nothing continues them, counts them or audits them.
 */
final class StockSink {
  private static final ConfigOption<String> SINK =
      ConfigOptions.key("medallion.sink").stringType().defaultValue("medallion");

  private static final String STOCK = "hudi-flink";

  private StockSink() {}

  /** Whether a job is to write with it. */
  static boolean isChosen(StreamExecutionEnvironment env) {
    return env.getConfiguration().get(SINK).equals(STOCK);
  }

  /** As Hudi's own table sink draws it, and with the moments at which a test may let it fail. */
  static void write(DataStream<RowData> rows, TableDefinition table, Configuration conf) {
    if (table.writing() == Writing.APPEND) {
      Pipelines.dummySink(
          withFaults(rows, InternalTypeInfo.of(table.columns()))
              .transform(
                  "hoodie_append_write " + table.qualifiedName(),
                  TypeInformation.of(Object.class),
                  new Writers<>(conf, new AppendWriteOperator<>(conf, table.columns())))
              .uid("hoodie_stream_write " + table.qualifiedName()));
    } else {
      compact(upsert(rows, table, conf), conf);
    }
  }

  @SuppressWarnings("rawtypes")
  private static DataStream<Object> upsert(
      DataStream<RowData> rows, TableDefinition table, Configuration conf) {
    BucketIndexPartitioner<HoodieKey> byBucket =
        new BucketIndexPartitioner<>(
            conf.get(FlinkOptions.BUCKET_INDEX_NUM_BUCKETS),
            OptionsResolver.getIndexKeyField(conf));
    DataStream<HoodieRecord> records =
        Pipelines.bootstrap(conf, table.columns(), rows)
            .partitionCustom(byBucket, HoodieRecord::getKey);
    return withFaults(records, TypeInformation.of(HoodieRecord.class))
        .transform(
            "bucket_write " + table.qualifiedName(),
            TypeInformation.of(Object.class),
            new Writers<>(conf, new BucketStreamWriteOperator<>(conf)))
        .uid("bucket_write " + table.qualifiedName());
  }

  private static void compact(DataStream<Object> written, Configuration conf) {
    written
        .transform(
            "compact_plan_generate",
            TypeInformation.of(CompactionPlanEvent.class),
            new CompactionPlanOperator(conf))
        .setParallelism(1)
        .keyBy(plan -> plan.getOperation().getFileGroupId().getFileId())
        .transform(
            "compact_task",
            TypeInformation.of(CompactionCommitEvent.class),
            new CompactOperator(conf))
        .setParallelism(conf.get(FlinkOptions.COMPACTION_TASKS))
        .map(
            compacted -> {
              FaultPoint.DURING_COMPACTION.reach();
              return compacted;
            })
        .returns(CompactionCommitEvent.class)
        .setParallelism(conf.get(FlinkOptions.COMPACTION_TASKS))
        .addSink(new CompactionCommitSink(conf))
        .name("compact_commit")
        .setParallelism(1);
  }

  private static <T> DataStream<T> withFaults(DataStream<T> rows, TypeInformation<T> type) {
    return rows.transform("faults", type, new Faults<>());
  }

  /**
   * Where our own writer reaches its fault points. The operators of a chain take their snapshots
   * from the last to the first, so the writer behind this one has flushed when it is asked.
   *
   * @param <T> what is written
   */
  private static final class Faults<T> extends AbstractStreamOperator<T>
      implements OneInputStreamOperator<T, T> {
    private static final long serialVersionUID = 1L;

    Faults() {
      chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    public void processElement(StreamRecord<T> element) {
      output.collect(element);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
      super.prepareSnapshotPreBarrier(checkpointId);
      FaultPoint.BEFORE_FLUSH.reach();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
      super.snapshotState(context);
      FaultPoint.AFTER_FLUSH.reach();
    }
  }

  /**
   * Hudi's writers with a coordinator that reaches the moment before a commit.
   *
   * @param <T> what is written
   */
  private static final class Writers<T> extends WriteOperatorFactory<T> {
    private static final long serialVersionUID = 1L;

    private final Configuration conf;

    Writers(Configuration conf, AbstractWriteOperator<T> operator) {
      super(conf, operator);
      this.conf = conf;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID id) {
      return new CoordinatorProvider(id, conf);
    }
  }

  private static final class CoordinatorProvider extends StreamWriteOperatorCoordinator.Provider {
    private static final long serialVersionUID = 1L;

    private final Configuration conf;

    CoordinatorProvider(OperatorID id, Configuration conf) {
      super(id, conf);
      this.conf = conf;
    }

    @Override
    public OperatorCoordinator create(OperatorCoordinator.Context context) {
      return new Coordinator(conf, context);
    }
  }

  /** Tells of completed checkpoints in a thread of its own, which may pause. */
  private static final class Coordinator extends StreamWriteOperatorCoordinator {
    private final ExecutorService completions = Executors.newSingleThreadExecutor();

    Coordinator(Configuration conf, Context context) {
      super(conf, context);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      completions.execute(
          () -> {
            FaultPoint.BEFORE_COMMIT.reach();
            super.notifyCheckpointComplete(checkpointId);
          });
    }

    @Override
    public void close() throws Exception {
      completions.shutdown();
      super.close();
    }
  }
}
