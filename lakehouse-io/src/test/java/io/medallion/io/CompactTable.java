package io.medallion.io;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.avro.model.HoodieCompactionPlan;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.data.HoodieListData;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.CompactionOperation;
import org.apache.hudi.common.model.IOType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.table.HoodieFlinkCopyOnWriteTable;
import org.apache.hudi.table.HoodieFlinkTable;
import org.apache.hudi.table.action.compact.CompactHelpers;
import org.apache.hudi.table.action.compact.HoodieFlinkMergeOnReadTableCompactor;
import org.apache.hudi.table.marker.WriteMarkersFactory;
import org.apache.hudi.util.FlinkWriteClients;

/** Runs a planned compaction, as the operators of a job do. */
final class CompactTable {
  private CompactTable() {}

  static void run(Configuration conf, String instant) throws Exception {
    try (HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(conf)) {
      List<WriteStatus> written = begin(client, instant);
      client.commitCompaction(
          instant,
          CompactHelpers.getInstance()
              .createCompactionMetadata(
                  client.getHoodieTable(),
                  instant,
                  HoodieListData.eager(written),
                  client.getConfig().getSchema()),
          Option.empty());
    }
  }

  /** Begins a compaction and writes its files, which are then to be committed. */
  static List<WriteStatus> write(Configuration conf, String instant) throws Exception {
    try (HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(conf)) {
      return begin(client, instant);
    }
  }

  /**
   * Writes a file of a compaction once more, as another attempt does: with a marker, under a name
   * of its own.
   */
  static void writeAgain(Configuration conf, String instant, WriteStatus file) throws Exception {
    try (HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(conf)) {
      HoodieFlinkTable<?> table = client.getHoodieTable();
      Path first = new Path(table.getMetaClient().getBasePathV2(), file.getStat().getPath());
      String name =
          FSUtils.makeBaseFileName(
              instant, "9-9-9", file.getFileId(), FSUtils.getFileExtension(first.getName()));
      WriteMarkersFactory.get(table.getConfig().getMarkersType(), table, instant)
          .create(file.getPartitionPath(), name, IOType.CREATE);
      FileSystem files = table.getMetaClient().getFs();
      FileUtil.copy(files, first, files, new Path(first.getParent(), name), false, files.getConf());
    }
  }

  /** Dies in the rollback of a compaction that has written its files. */
  static void dieInItsRollback(Configuration conf, String instant) throws Exception {
    try (HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(conf)) {
      begin(client, instant);
      HoodieFlinkTable<?> table = client.getHoodieTable();
      table.scheduleRollback(
          client.getEngineContext(),
          HoodieActiveTimeline.createNewInstantTime(),
          HoodieTimeline.getCompactionInflightInstant(instant),
          false,
          true,
          false);
    }
  }

  private static List<WriteStatus> begin(HoodieFlinkWriteClient<?> client, String instant)
      throws Exception {
    HoodieFlinkTable<?> table = client.getHoodieTable();
    HoodieTableMetaClient metaClient = table.getMetaClient();
    HoodieCompactionPlan plan = CompactionUtils.getCompactionPlan(metaClient, instant);
    table
        .getActiveTimeline()
        .transitionCompactionRequestedToInflight(
            HoodieTimeline.getCompactionRequestedInstant(instant));
    metaClient.reloadActiveTimeline();
    HoodieFlinkMergeOnReadTableCompactor<?> compactor =
        new HoodieFlinkMergeOnReadTableCompactor<>();
    List<WriteStatus> written = new ArrayList<>();
    for (CompactionOperation operation :
        plan.getOperations().stream()
            .map(CompactionOperation::convertFromAvroRecordInstance)
            .toList()) {
      written.addAll(
          compactor.compact(
              new HoodieFlinkCopyOnWriteTable<>(
                  client.getConfig(), client.getEngineContext(), metaClient),
              metaClient,
              client.getConfig(),
              operation,
              instant,
              compactor.getMaxInstantTime(metaClient),
              table.getTaskContextSupplier()));
    }
    return written;
  }
}
