package io.medallion.io;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.HoodiePendingRollbackInfo;
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

/**
 * Runs the compactions that the {@link CommitCoordinator} has planned, and lets it commit each when
 * all its file groups are written; one of a former attempt, which was frozen meanwhile, is refused
 * there. At its start it undoes the one that a former attempt has begun, after the coordinator has
 * recovered: both at once would clean up behind that attempt.
 *
 * <p>What fails, fails the job, so that the compaction is undone and begun again; Hudi's own
 * operators log it, and never compact again. What the end of the job interrupts, does not: the next
 * start undoes it.
 */
final class RunCompactions extends TableService {
  private static final long serialVersionUID = 1L;

  private transient HoodieFlinkTable<?> hudi;
  private transient boolean undone;

  /**
   * @param conf of the table's writers
   * @param table qualified name
   * @param timeoutMs how long to wait for the coordinator
   */
  RunCompactions(Configuration conf, String table, long timeoutMs) {
    super(conf, "compact", table, timeoutMs);
  }

  @Override
  public void open() throws Exception {
    super.open();
    hudi = client().getHoodieTable();
  }

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
    if (planned.isPresent() && !isEnding()) {
      String instant = planned.get().getTimestamp();
      List<CompactionOperation> operations = begin(instant);
      beside(() -> run(instant, operations));
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
      Option<HoodiePendingRollbackInfo> unfinished =
          client()
              .getTableServiceClient()
              .getPendingRollbackInfo(metaClient, begun.getTimestamp(), false);
      String rollback =
          unfinished.isPresent()
              ? unfinished.get().getRollbackInstant().getTimestamp()
              : line().newInstant();
      hudi.scheduleRollback(
          hudi.getContext(),
          rollback,
          begun,
          false,
          hudi.getConfig().shouldRollbackUsingMarkers(),
          false);
      hudi.rollback(hudi.getContext(), rollback, begun, false, false);
      hudi.getActiveTimeline().revertInstantFromInflightToRequested(begun);
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
      HoodieFlinkTable<?> now = client().getHoodieTable();
      for (CompactionOperation operation : operations) {
        files.addAll(compact(now, instant, operation));
        if (isEnding()) {
          return;
        }
        FaultPoint.DURING_COMPACTION.reach();
      }
      line().commitCompaction(instant, CommitPart.serialize(files));
    } catch (Throwable failure) {
      if (!isEnding()) {
        getContainingTask()
            .getEnvironment()
            .failExternally(
                new IllegalStateException(
                    "Compaction %s of %s failed.".formatted(instant, table()), failure));
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
                client().getConfig(), client().getEngineContext(), now.getMetaClient()),
            now.getMetaClient(),
            client().getConfig(),
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
}
