package io.medallion.io;

import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieLogFile;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieArchivedTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.Option;

/**
 * Follows the commits of a table in their order, those too that Hudi has moved off the timeline.
 */
final class NextCommits {
  private static final Comparator<HoodieWriteStat> BY_PATH =
      Comparator.comparing(HoodieWriteStat::getPath);

  private static final Comparator<HoodieWriteStat> BY_LOG =
      Comparator.comparing(
          written -> new HoodieLogFile(written.getPath()), HoodieLogFile.getLogFileComparator());

  private final FollowedTable table;
  @Nullable private HoodieTableMetaClient metaClient;
  @Nullable private HoodieArchivedTimeline archived;
  private long archivedBefore;
  private long at;

  /** Decides how far to follow. */
  interface Follower {
    /** Whether to go on to the commit of this instant; if not, it is asked again another time. */
    boolean goesOnTo(long instant);

    /** Takes the commit that it has said to go on to. */
    void take(long instant, HoodieCommitMetadata commit, Collection<CommittedFile> files);
  }

  NextCommits(FollowedTable table) {
    this.table = table;
  }

  /** The newest commit, {@link Span#START} when there is none. */
  long newest() {
    Option<HoodieInstant> newest = completed(timelines()).lastInstant();
    return newest.isPresent() ? number(newest.get()) : Span.START;
  }

  /** Whether a commit is there. */
  enum Found {
    COMPLETE,
    UNDER_WAY,
    MISSING
  }

  /** Looks for the commit of an instant. */
  Found find(long instant) throws IOException {
    HoodieTableMetaClient timelines = timelines();
    HoodieTimeline active = timelines.getActiveTimeline().getDeltaCommitTimeline();
    String time = String.valueOf(instant);
    if (active.containsInstant(time)) {
      return active.filterCompletedInstants().containsInstant(time)
          ? Found.COMPLETE
          : Found.UNDER_WAY;
    }
    return timelines
            .getArchivedTimeline(time, false)
            .getDeltaCommitTimeline()
            .filterCompletedInstants()
            .containsInstant(time)
        ? Found.COMPLETE
        : Found.MISSING;
  }

  /** How many commits after an instant were on the timeline at the last look. */
  long countAfter(long instant) {
    return metaClient == null
        ? 0
        : completed(metaClient)
            .getInstantsAsStream()
            .filter(commit -> number(commit) > instant)
            .count();
  }

  /** Hands over the commits after an instant, until there are no more or the follower stops. */
  void after(long instant, Follower follower) throws IOException {
    HoodieTableMetaClient timelines = timelines();
    at = instant;
    if (!followArchived(timelines, follower)) {
      return;
    }
    HoodieTimeline timeline = completed(timelines);
    for (HoodieInstant next : timeline.getInstants()) {
      if (number(next) > at && !follow(next, timeline, follower)) {
        return;
      }
    }
  }

  private HoodieTableMetaClient timelines() {
    HoodieTableMetaClient timelines = metaClient;
    if (timelines == null) {
      timelines =
          HoodieTableMetaClient.builder()
              .setConf(HudiTable.hadoop())
              .setBasePath(table.hudi().path())
              .build();
      metaClient = timelines;
    } else {
      timelines.reloadActiveTimeline();
    }
    return timelines;
  }

  /** The commits up to the first one that is still under way: a later one must not overtake it. */
  private static HoodieTimeline completed(HoodieTableMetaClient timelines) {
    HoodieTimeline commits = timelines.getActiveTimeline().getDeltaCommitTimeline();
    Option<HoodieInstant> pending = commits.filterInflightsAndRequested().firstInstant();
    HoodieTimeline completed = commits.filterCompletedInstants();
    return pending.isPresent()
        ? completed.findInstantsBefore(pending.get().getTimestamp())
        : completed;
  }

  /**
   * Hudi moves old commits off the timeline; their files stay until the cleaner takes them. Looks
   * again until there is nothing between the last archived commit and the first one on the
   * timeline: more are moved while these are read.
   */
  private boolean followArchived(HoodieTableMetaClient timelines, Follower follower)
      throws IOException {
    // Of the commits: a rollback stays on the timeline longer than the commits around it.
    Option<HoodieInstant> first =
        timelines.getActiveTimeline().getDeltaCommitTimeline().firstInstant();
    if (!first.isPresent() || number(first.get()) <= at) {
      archived = null;
      return true;
    }
    long begins = number(first.get());
    while (true) {
      HoodieArchivedTimeline old = archived;
      if (old == null) {
        old = timelines.getArchivedTimeline(String.valueOf(at), false);
        archived = old;
        archivedBefore = begins;
      }
      for (HoodieInstant next :
          old.getDeltaCommitTimeline().filterCompletedInstants().getInstants()) {
        if (number(next) > at && !follow(next, old, follower)) {
          return false;
        }
      }
      if (archivedBefore == begins) {
        return true;
      }
      archived = null;
    }
  }

  private boolean follow(HoodieInstant next, HoodieTimeline timeline, Follower follower)
      throws IOException {
    if (!follower.goesOnTo(number(next))) {
      return false;
    }
    HoodieCommitMetadata commit =
        HoodieCommitMetadata.fromBytes(
            timeline.getInstantDetails(next).get(), HoodieCommitMetadata.class);
    at = number(next);
    follower.take(at, commit, files(next.getTimestamp(), commit));
    return true;
  }

  /** The files that a commit has written, those of a file group in the order of its logs. */
  private Collection<CommittedFile> files(String instant, HoodieCommitMetadata commit) {
    Map<String, CommittedFile> files = new LinkedHashMap<>();
    commit.getWriteStats().stream()
        .sorted(table.table().writing() == Writing.APPEND ? BY_PATH : BY_LOG)
        .forEach(
            written ->
                // Where files can be appended to, one commit may have written to a log twice.
                files.merge(
                    written.getPath(),
                    new CommittedFile(
                        instant,
                        written.getFileId(),
                        new Path(table.hudi().path(), written.getPath()).toString(),
                        written.getNumWrites()),
                    (first, more) ->
                        new CommittedFile(
                            instant, first.group(), first.path(), first.rows() + more.rows())));
    return files.values();
  }

  private static long number(HoodieInstant instant) {
    return Long.parseLong(instant.getTimestamp());
  }
}
