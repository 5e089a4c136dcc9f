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
        commits.add(
            new Commit(
                metaClient
                    .getFs()
                    .getFileStatus(
                        new org.apache.hadoop.fs.Path(
                            metaClient.getMetaPath(), instant.getFileName()))
                    .getModificationTime(),
                commit.fetchTotalRecordsWritten()));
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
   * Rows per second from the first commit to the last but one: the first began with the job's
   * start, the last may have waited for nothing.
   *
   * @throws IllegalStateException if there are too few commits to say
   */
  double perSecond() {
    List<Commit> full = commits.stream().filter(commit -> commit.rows > 0).toList();
    if (full.size() < 4) {
      throw new IllegalStateException(
          "Only %d commits with rows: send more events, at least for four checkpoint intervals."
              .formatted(full.size()));
    }
    List<Commit> counted = full.subList(1, full.size() - 1);
    return counted.stream().mapToLong(Commit::rows).sum()
        * 1000.0
        / (counted.get(counted.size() - 1).atMs - full.get(0).atMs);
  }
}
