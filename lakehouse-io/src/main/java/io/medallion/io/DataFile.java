package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hudi.common.engine.HoodieLocalEngineContext;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.FileSlice;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.view.HoodieTableFileSystemView;

/**
 * A file that a reader of a table as it is now opens.
 *
 * @param log whether it is a log file, which a reader merges with its base file
 */
public record DataFile(boolean log, long bytes) {
  /** All of them; none when the table does not exist. */
  public static List<DataFile> list(String warehouse, TableDefinition table) {
    return CommitLog.metaClient(warehouse, table).map(DataFile::list).orElse(List.of());
  }

  private static List<DataFile> list(HoodieTableMetaClient metaClient) {
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
          .flatMap(DataFile::of)
          .toList();
    } finally {
      files.close();
    }
  }

  private static Stream<DataFile> of(FileSlice slice) {
    return Stream.concat(
        slice.getBaseFile().toJavaOptional().stream()
            .map(base -> new DataFile(false, base.getFileSize())),
        slice.getLogFiles().map(log -> new DataFile(true, log.getFileSize())));
  }
}
