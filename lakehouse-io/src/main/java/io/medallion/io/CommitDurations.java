package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;

/**
 * How long commits took: from the file that opens an instant, with the first row that is written
 * under it, until the file that completes it, since when readers see it. The clock of the storage
 * dates both.
 */
public final class CommitDurations {
  private CommitDurations() {}

  /** Of the commits on a table's timeline, by instant; none when the table does not exist. */
  public static Map<String, Duration> of(String warehouse, TableDefinition table) {
    return CommitLog.metaClient(warehouse, table).map(CommitDurations::of).orElse(Map.of());
  }

  private static Map<String, Duration> of(HoodieTableMetaClient metaClient) {
    Map<String, Instant> opened = new HashMap<>();
    Map<String, Instant> completed = new HashMap<>();
    for (HoodieInstant file : files(metaClient)) {
      if (file.isRequested()) {
        opened.put(file.getTimestamp(), CommitLog.visibleAt(file));
      } else if (file.isCompleted()) {
        completed.put(file.getTimestamp(), CommitLog.visibleAt(file));
      }
    }
    completed.keySet().retainAll(opened.keySet());
    Map<String, Duration> durations = new HashMap<>();
    completed.forEach(
        (instant, end) -> durations.put(instant, Duration.between(opened.get(instant), end)));
    return durations;
  }

  /** Every state of an instant is a file of its own. */
  private static List<HoodieInstant> files(HoodieTableMetaClient metaClient) {
    try {
      return metaClient.scanHoodieInstantsFromFileSystem(
          Set.of(
              HoodieTimeline.REQUESTED_DELTA_COMMIT_EXTENSION,
              HoodieTimeline.DELTA_COMMIT_EXTENSION),
          false);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Could not list the timeline of " + metaClient.getBasePathV2(), failure);
    }
  }
}
