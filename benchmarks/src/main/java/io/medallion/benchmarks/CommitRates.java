package io.medallion.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;

/**
 * What the commits of a table say, whoever made them: when each came, and how many rows with it.
 */
record CommitRates(List<Commit> commits) {
  /**
   * @param atMs when it became visible, in milliseconds since 1970
   */
  record Commit(long atMs, long rows) {}

  static CommitRates of(String table) {
    try {
      HoodieTableMetaClient metaClient =
          HoodieTableMetaClient.builder().setConf(new Configuration()).setBasePath(table).build();
      HoodieTimeline timeline =
          metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
      List<Commit> commits = new ArrayList<>();
      for (HoodieInstant instant : timeline.getInstants()) {
        HoodieCommitMetadata commit =
            HoodieCommitMetadata.fromBytes(
                timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class);
        long rows = commit.fetchTotalRecordsWritten();
        if (rows == 0) {
          continue;
        }
        commits.add(
            new Commit(
                metaClient
                    .getFs()
                    .getFileStatus(
                        new org.apache.hadoop.fs.Path(
                            metaClient.getMetaPath(), instant.getFileName()))
                    .getModificationTime(),
                rows));
      }
      return new CommitRates(List.copyOf(commits));
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read the commits of " + table, failure);
    }
  }

  long rows() {
    return commits.stream().mapToLong(Commit::rows).sum();
  }

  /**
   * Rows per second up to the last commit.
   *
   * @param startMs when the job began to run, in milliseconds since 1970
   */
  double perSecond(long startMs) {
    return rows() * 1000.0 / (commits.get(commits.size() - 1).atMs - startMs);
  }
}
