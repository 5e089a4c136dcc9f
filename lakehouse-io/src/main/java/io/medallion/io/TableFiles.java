package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.List;
import org.apache.hudi.common.engine.HoodieLocalEngineContext;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.FileSlice;
import org.apache.hudi.common.model.HoodieBaseFile;
import org.apache.hudi.common.model.HoodieLogFile;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.view.HoodieTableFileSystemView;
import org.apache.hudi.config.HoodieCompactionConfig;

/**
 * The files that a reader of a table as it is now opens.
 *
 * @param base base files
 * @param small those of them that are smaller than {@link #SMALL}
 * @param log log files, which a reader merges with their base file
 * @param bytes of all
 */
public record TableFiles(long base, long small, long log, long bytes) {
  /** Bytes below which Hudi itself calls a file small. */
  public static final long SMALL =
      Long.parseLong(HoodieCompactionConfig.PARQUET_SMALL_FILE_LIMIT.defaultValue());

  /** Those of a table that has none. */
  public static final TableFiles NONE = new TableFiles(0, 0, 0, 0);

  /** Lists them; none when the table does not exist. */
  public static TableFiles of(String warehouse, TableDefinition table) {
    return CommitLog.metaClient(warehouse, table).map(TableFiles::list).orElse(NONE);
  }

  private static TableFiles list(HoodieTableMetaClient metaClient) {
    HoodieTableFileSystemView files =
        new HoodieTableFileSystemView(
            metaClient, metaClient.getActiveTimeline().filterCompletedAndCompactionInstants());
    try {
      List<String> partitions =
          FSUtils.getAllPartitionPaths(
              new HoodieLocalEngineContext(HudiTable.hadoop()),
              metaClient.getBasePathV2().toString(),
              false,
              false);
      String newest =
          metaClient
              .getActiveTimeline()
              .filterCompletedInstants()
              .lastInstant()
              .map(HoodieInstant::getTimestamp)
              .orElse("");
      // Where a compaction is planned, its file group has a slice behind the one to be compacted.
      return partitions.stream()
          .flatMap(partition -> files.getLatestMergedFileSlicesBeforeOrOn(partition, newest))
          .map(TableFiles::of)
          .reduce(NONE, TableFiles::plus);
    } finally {
      files.close();
    }
  }

  private static TableFiles of(FileSlice slice) {
    long base = slice.getBaseFile().map(HoodieBaseFile::getFileSize).orElse(0L);
    boolean there = slice.getBaseFile().isPresent();
    return new TableFiles(
        there ? 1 : 0,
        there && base < SMALL ? 1 : 0,
        slice.getLogFiles().count(),
        base + slice.getLogFiles().mapToLong(HoodieLogFile::getFileSize).sum());
  }

  private TableFiles plus(TableFiles other) {
    return new TableFiles(
        base + other.base, small + other.small, log + other.log, bytes + other.bytes);
  }
}
