package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.exception.HoodieIOException;

/**
 * The newest commits of a table, looked at again and again: each is read once. Those that were seen
 * stay when they are archived.
 */
public final class WatchCommits {
  private static final int ATTEMPTS = 5;

  private final String warehouse;
  private final TableDefinition table;
  private final Duration keep;
  private final NavigableMap<String, Seen> seen = new TreeMap<>();

  /** A commit of whoever made it. */
  private record Seen(Optional<Commit> ours, List<String> files) {}

  /**
   * @param keep how old commits may be; the newest one that is older is there too
   */
  public WatchCommits(String warehouse, TableDefinition table, Duration keep) {
    this.warehouse = warehouse;
    this.table = table;
    this.keep = keep;
  }

  public TableDefinition table() {
    return table;
  }

  /** Commits of ours, oldest first. */
  public List<Commit> look() {
    CommitLog.metaClient(warehouse, table).ifPresentOrElse(this::read, seen::clear);
    return seen.values().stream().flatMap(commit -> commit.ours().stream()).toList();
  }

  /** The files that a commit which was seen has written, in full. */
  public List<String> files(Commit commit) {
    Seen known = seen.get(commit.instant());
    return known == null ? List.of() : known.files();
  }

  /** From the newest back to the first of ours that is older than what is kept. */
  private void read(HoodieTableMetaClient metaClient) {
    for (int attempt = 1; ; attempt++) {
      HoodieTimeline timeline =
          metaClient.reloadActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
      Instant oldest = Instant.now().minus(keep);
      try {
        forget(timeline, oldest);
        for (HoodieInstant instant : timeline.getReverseOrderedInstants().toList()) {
          if (!seen.containsKey(instant.getTimestamp())) {
            seen.put(instant.getTimestamp(), commit(timeline, instant));
          }
          if (CommitLog.visibleAt(instant).isBefore(oldest)
              && seen.get(instant.getTimestamp()).ours().isPresent()) {
            break;
          }
        }
        return;
      } catch (IOException | HoodieIOException archivedMeanwhile) {
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "Could not read the commits of " + table.qualifiedName(), archivedMeanwhile);
        }
      }
    }
  }

  /** What is taken back is gone; of what is older than is kept, the newest stays. */
  private void forget(HoodieTimeline timeline, Instant oldest) {
    String first = timeline.firstInstant().map(HoodieInstant::getTimestamp).orElse("");
    seen.keySet()
        .removeIf(instant -> instant.compareTo(first) >= 0 && !timeline.containsInstant(instant));
    String newestOld =
        seen.entrySet().stream()
            .filter(each -> isBefore(each.getValue(), oldest))
            .map(Map.Entry::getKey)
            .reduce("", (older, newer) -> newer);
    seen.headMap(newestOld).clear();
  }

  private static boolean isBefore(Seen commit, Instant time) {
    return commit.ours().map(ours -> ours.visibleAt().isBefore(time)).orElse(false);
  }

  private Seen commit(HoodieTimeline timeline, HoodieInstant instant) throws IOException {
    HoodieCommitMetadata metadata =
        HoodieCommitMetadata.fromBytes(
            timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class);
    Map<String, String> extra = metadata.getExtraMetadata();
    return new Seen(
        CommitLog.commit(instant.getTimestamp(), CommitLog.visibleAt(instant), extra),
        metadata.getPartitionToWriteStats().values().stream()
            .flatMap(Collection::stream)
            .map(written -> new Path(table.path(warehouse), written.getPath()).toString())
            .toList());
  }
}
