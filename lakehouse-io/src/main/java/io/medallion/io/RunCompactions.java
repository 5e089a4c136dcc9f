package io.medallion.io;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.model.CompactionOperation;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.table.HoodieFlinkCopyOnWriteTable;
import org.apache.hudi.table.HoodieFlinkTable;
import org.apache.hudi.table.action.compact.HoodieFlinkMergeOnReadTableCompactor;
import org.apache.hudi.table.marker.WriteMarkersFactory;
import org.apache.hudi.util.FlinkWriteClients;

/**
 * Runs the compactions that the {@link CommitCoordinator} has planned, beside the task, and lets it
 * commit each when all its file groups are written; one of a former attempt, which was frozen
 * meanwhile, is refused there. At its start it undoes the one that a former attempt has begun,
 * after the coordinator has recovered: both at once would clean up behind that attempt.
 *
 * <p>What fails, fails the job, so that the compaction is undone and begun again; Hudi's own
 * operators log it, and never compact again. What the end of the job interrupts, does not: the next
 * start undoes it.
 */
final class RunCompactions extends AbstractStreamOperator<Object>
    implements OneInputStreamOperator<Object, Object> {
  private static final long serialVersionUID = 1L;

  private final Configuration conf;
  private final String table;
  private final long timeoutMs;
  private transient HoodieFlinkWriteClient<?> client;
  private transient HoodieFlinkTable<?> hudi;
  private transient CommitLine line;
  private transient ExecutorService thread;
  private transient volatile boolean ending;
  private transient boolean undone;

  /**
   * @param conf of the table's writers
   * @param table qualified name
   * @param timeoutMs how long to wait for the coordinator
   */
  RunCompactions(Configuration conf, String table, long timeoutMs) {
    this.conf = conf;
    this.table = table;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Joins before any compaction of this attempt is begun: whoever joins later might be of a former
   * one and not know it. Not in a chain with the operator whose first word the coordinator awaits.
   */
  @Override
  public void open() throws Exception {
    super.open();
    client = FlinkWriteClients.createWriteClient(conf, getRuntimeContext());
    hudi = client.getHoodieTable();
    line = new CommitLine(getContainingTask().getEnvironment(), table, timeoutMs);
    line.join();
    thread = Executors.newSingleThreadExecutor(new ExecutorThreadFactory("compact " + table));
  }

  @Override
  public void processElement(StreamRecord<Object> element) {}

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    if (!undone) {
      undo();
      undone = true;
    }
    Option<HoodieInstant> planned =
        hudi.getMetaClient()
            .reloadActiveTimeline()
            .filterPendingCompactionTimeline()
            .filter(HoodieInstant::isRequested)
            .firstInstant();
    if (planned.isPresent() && !ending) {
      String instant = planned.get().getTimestamp();
      List<CompactionOperation> operations = begin(instant);
      thread.execute(() -> run(instant, operations));
    }
  }

  private void undo() {
    HoodieTableMetaClient metaClient = hudi.getMetaClient();
    for (HoodieInstant begun :
        metaClient
            .reloadActiveTimeline()
            .filterPendingCompactionTimeline()
            .filter(HoodieInstant::isInflight)
            .getInstants()) {
      hudi.rollbackInflightCompaction(
          begun,
          instant ->
              client.getTableServiceClient().getPendingRollbackInfo(metaClient, instant, false));
    }
  }

  private List<CompactionOperation> begin(String instant) {
    hudi.getActiveTimeline()
        .transitionCompactionRequestedToInflight(
            HoodieTimeline.getCompactionRequestedInstant(instant));
    hudi.getMetaClient().reloadActiveTimeline();
    WriteMarkersFactory.get(hudi.getConfig().getMarkersType(), hudi, instant)
        .deleteMarkerDir(hudi.getContext(), hudi.getConfig().getMarkersDeleteParallelism());
    return CompactionUtils.getCompactionPlan(hudi.getMetaClient(), instant).getOperations().stream()
        .map(CompactionOperation::convertFromAvroRecordInstance)
        .toList();
  }

  /** In the thread. */
  private void run(String instant, List<CompactionOperation> operations) {
    try {
      List<WriteStatus> files = new ArrayList<>();
      HoodieFlinkTable<?> now = client.getHoodieTable();
      for (CompactionOperation operation : operations) {
        files.addAll(compact(now, instant, operation));
        if (ending) {
          return;
        }
        FaultPoint.DURING_COMPACTION.reach();
      }
      line.commitCompaction(instant, CommitPart.serialize(files));
    } catch (Throwable failure) {
      if (!ending) {
        getContainingTask()
            .getEnvironment()
            .failExternally(
                new IllegalStateException(
                    "Compaction %s of %s failed.".formatted(instant, table), failure));
      }
    }
  }

  private List<WriteStatus> compact(
      HoodieFlinkTable<?> now, String instant, CompactionOperation operation) throws IOException {
    HoodieFlinkMergeOnReadTableCompactor<?> compactor =
        new HoodieFlinkMergeOnReadTableCompactor<>();
    List<WriteStatus> files =
        compactor.compact(
            new HoodieFlinkCopyOnWriteTable<>(
                client.getConfig(), client.getEngineContext(), now.getMetaClient()),
            now.getMetaClient(),
            client.getConfig(),
            operation,
            instant,
            compactor.getMaxInstantTime(now.getMetaClient()),
            now.getTaskContextSupplier());
    for (WriteStatus file : files) {
      if (file.hasErrors()) {
        throw new IOException(
            "%d rows could not be written to file group %s of partition '%s'"
                .formatted(
                    file.getTotalErrorRecords(),
                    operation.getFileId(),
                    operation.getPartitionPath()),
            file.getErrors().values().stream().findFirst().orElse(null));
      }
    }
    return files;
  }

  /** The job ends, with a savepoint as a rule: it does not wait for a compaction. */
  @Override
  public void finish() throws Exception {
    end();
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (thread != null) {
      end();
    }
    if (client != null) {
      client.close();
    }
    super.close();
  }

  /** Nothing of this attempt is written any more when it is over. */
  private void end() throws InterruptedException {
    ending = true;
    thread.shutdownNow();
    thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }
}
