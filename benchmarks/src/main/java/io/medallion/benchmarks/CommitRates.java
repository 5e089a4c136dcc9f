package io.medallion.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;

/**
 * What the commits of a table say, whoever made them.
 *
 * @param rows of all together
 * @param lastMs when the last one with rows became visible, in milliseconds since 1970
 */
record CommitRates(long rows, long lastMs) {
  static CommitRates of(String table) {
    try {
      HoodieTableMetaClient metaClient =
          HoodieTableMetaClient.builder().setConf(new Configuration()).setBasePath(table).build();
      HoodieTimeline timeline =
          metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
      long rows = 0;
      String last = "";
      for (HoodieInstant instant : timeline.getInstants()) {
        long written =
            HoodieCommitMetadata.fromBytes(
                    timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class)
                .fetchTotalRecordsWritten();
        rows += written;
        if (written > 0) {
          last = instant.getFileName();
        }
      }
      return new CommitRates(rows, rows == 0 ? 0 : visibleMs(metaClient, last));
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read the commits of " + table, failure);
    }
  }

  private static long visibleMs(HoodieTableMetaClient metaClient, String record)
      throws IOException {
    return metaClient
        .getFs()
        .getFileStatus(new Path(metaClient.getMetaPath(), record))
        .getModificationTime();
  }

  /**
   * Rows per second up to the last commit.
   *
   * @param startMs when the job began to run, in milliseconds since 1970
   */
  double perSecond(long startMs) {
    return rows * 1000.0 / (lastMs - startMs);
  }
}
