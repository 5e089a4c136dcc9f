package io.medallion.io;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hudi.avro.model.HoodieCompactionOperation;
import org.apache.hudi.avro.model.HoodieInstantInfo;
import org.apache.hudi.client.BaseHoodieTableServiceClient;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.HoodiePendingRollbackInfo;
import org.apache.hudi.common.data.HoodieListData;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieFailedWritesCleaningPolicy;
import org.apache.hudi.common.model.HoodieTableType;
import org.apache.hudi.common.model.WriteOperationType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieInstantTimeGenerator;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.CommitUtils;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.config.HoodieCleanConfig;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.table.action.compact.CompactHelpers;
import org.apache.hudi.table.action.rollback.RollbackUtils;
import org.apache.hudi.table.marker.WriteMarkers;
import org.apache.hudi.util.FlinkWriteClients;
import org.apache.hudi.util.StreamerUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the one writer job of a table does to its Hudi timeline. Not thread-safe. */
class TableTimeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableTimeline.class);

  /** As Hudi names instants: local time, unless the table says otherwise. */
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern(HoodieInstantTimeGenerator.MILLIS_INSTANT_TIMESTAMP_FORMAT);

  private final Configuration conf;
  private final Clock clock;
  private final String action;
  private final HoodieTableMetaClient metaClient;
  private final HoodieFlinkWriteClient<?> client;
  private final HoodieFlinkWriteClient<?> rollbackClient;
  private final BaseHoodieTableServiceClient<?, ?, ?> rollbacks;
  private String lastInstant = "";

  /**
   * @param conf of the table's writers
   * @param clock says the time, as a rule
   */
  TableTimeline(Configuration conf, Clock clock) throws IOException {
    this.conf = conf;
    this.clock = clock;
    this.action =
        CommitUtils.getCommitActionType(
            WriteOperationType.fromValue(conf.get(FlinkOptions.OPERATION)),
            HoodieTableType.valueOf(conf.get(FlinkOptions.TABLE_TYPE)));
    this.metaClient = StreamerUtil.initTableIfNotExists(conf);
    // Not the one that writes the view settings anew, which writers read as they start.
    this.client = FlinkWriteClients.createWriteClientV2(new Configuration(conf));
    Configuration inAnyOrder = new Configuration(conf);
    // An eager client refuses to roll back an instant when a later one is open or completed.
    inAnyOrder.setString(
        HoodieCleanConfig.FAILED_WRITES_CLEANER_POLICY.key(),
        HoodieFailedWritesCleaningPolicy.LAZY.name());
    this.rollbackClient = FlinkWriteClients.createWriteClientV2(inAnyOrder);
    this.rollbacks = rollbackClient.getTableServiceClient();
  }

  FileSystem files() {
    return metaClient.getFs();
  }

  Path folder() {
    return metaClient.getBasePathV2();
  }

  /**
   * What the table's newest commit of ours says, {@link Progress#NONE} when there is none, or when
   * another version of the table's definition made it: this one begins anew.
   */
  Progress latest() {
    metaClient.reloadActiveTimeline();
    return latestOfThisVersion().map(Commit::progress).orElse(Progress.NONE);
  }

  /** What the newest commit says is still to be committed with it. */
  Optional<Epoch> unfinished() {
    return latestOfThisVersion().flatMap(newest -> CommitLog.unfinished(metaClient));
  }

  private Optional<Commit> latestOfThisVersion() {
    return CommitLog.latest(metaClient)
        .filter(made -> made.version() == Integer.parseInt(conf.getString(CommitLog.VERSION, "1")));
  }

  boolean isPending(String instant) {
    return timeline().filterPendingExcludingCompaction().containsInstant(instant);
  }

  boolean isCompleted(String instant) {
    return timeline().getDeltaCommitTimeline().filterCompletedInstants().containsInstant(instant);
  }

  /** An instant that is later than all others, whatever the clock says. It is not opened yet. */
  String next() {
    metaClient.reloadActiveTimeline();
    return nextInstant();
  }

  /** Opens an instant to write under. */
  void open(String instant) {
    HoodieActiveTimeline timeline = metaClient.reloadActiveTimeline();
    timeline.createNewInstant(new HoodieInstant(HoodieInstant.State.REQUESTED, action, instant));
    timeline.transitionRequestedToInflight(action, instant);
    metaClient.reloadActiveTimeline();
  }

  /** Makes what was written under an instant visible, together with what the commit carries. */
  void commit(String instant, List<WriteStatus> files, Map<String, String> carries) {
    Map<String, String> all = new HashMap<>(carries);
    all.put(CommitLog.VERSION, conf.getString(CommitLog.VERSION, "1"));
    all.put(CommitLog.FINGERPRINT, conf.getString(CommitLog.FINGERPRINT, ""));
    all.put(CommitLog.CHECKPOINT_INTERVAL, conf.getString(CommitLog.CHECKPOINT_INTERVAL, "0"));
    if (!client.commit(instant, files, Option.of(all), action, Map.of())) {
      throw new IllegalStateException("Hudi refused to commit instant " + instant);
    }
    metaClient.reloadActiveTimeline();
  }

  /**
   * Whether a compaction is committed; nothing else makes such commits of a merge-on-read table.
   */
  boolean isCompacted(String instant) {
    return timeline().getCommitTimeline().filterCompletedInstants().containsInstant(instant);
  }

  /**
   * Replaces the file slices that a compaction has read by the files that it has written.
   *
   * @throws IllegalStateException if one is gone: a former attempt that stood still has undone the
   *     compaction, which is under the same instant, and it must be begun again
   */
  @SuppressWarnings("unchecked")
  void commitCompaction(String instant, List<WriteStatus> files) throws IOException {
    for (WriteStatus written : files) {
      Path file = new Path(folder(), written.getStat().getPath());
      if (!files().exists(file)) {
        throw new IllegalStateException(
            "Compaction %s has written %s, which is gone; it is begun again."
                .formatted(instant, file));
      }
    }
    client.commitCompaction(
        instant,
        CompactHelpers.getInstance()
            .createCompactionMetadata(
                client.getHoodieTable(),
                instant,
                HoodieListData.eager(files),
                client.getConfig().getSchema()),
        Option.empty());
    metaClient.reloadActiveTimeline();
  }

  /** Removes one pending instant and all that was written under it. */
  @SuppressWarnings("deprecation")
  void rollBack(String instant) throws IOException {
    Set<Path> partitions = writtenPartitions(instant);
    Option<HoodiePendingRollbackInfo> begun =
        rollbacks.getPendingRollbackInfo(metaClient, instant, true);
    // Hudi's own choice of an instant waits for a clock that has jumped back.
    String time =
        begun.isPresent() ? begun.get().getRollbackInstant().getTimestamp() : nextInstant();
    rollbacks.rollback(instant, begun, time, false);
    removeFilesOf(instant, partitions);
    metaClient.reloadActiveTimeline();
  }

  /**
   * Removes all pending instants, the newest first. The process may stand still at any moment and
   * go on when another one has taken its place; what it removes then is no instant of that one,
   * since all were pending before the table was proved to be this job's.
   */
  void rollBackPending(Proof proof) throws IOException {
    metaClient.reloadActiveTimeline();
    for (String instant : pending()) {
      proof.isOwned();
      rollBack(instant);
    }
  }

  /** The instants that are open, or were to be, the newest first. */
  List<String> pending() {
    return timeline()
        .getDeltaCommitTimeline()
        .filterInflightsAndRequested()
        .getReverseOrderedInstants()
        .map(HoodieInstant::getTimestamp)
        .toList();
  }

  /**
   * Finishes the rollbacks of commits in the middle of which a former attempt died. Those of a
   * compaction are not touched: {@link RunCompactions} begins them again, and what is committed
   * after a compaction was planned is in logs that carry its instant in their names.
   */
  void finishRollbacks() throws IOException {
    // Looking for any removes those whose plan was not written to its end: they have done nothing.
    metaClient.reloadActiveTimeline();
    rollbacks.getPendingRollbackInfo(metaClient, "", true);
    metaClient.reloadActiveTimeline();
    for (HoodieInstant rollback : timeline().filterPendingRollbackTimeline().getInstants()) {
      HoodieInstantInfo instant =
          RollbackUtils.getRollbackPlan(metaClient, rollback).getInstantToRollback();
      if (instant.getAction().equals(action)) {
        rollBack(instant.getCommitTime());
      }
    }
  }

  /**
   * Removes what a writer of a former attempt left behind although its instant had been removed, or
   * a compactor of one although its compaction had been done again and committed: it was frozen
   * then, and went on later. Its markers name the files.
   */
  void removeOrphans() throws IOException {
    Path markers = new Path(metaClient.getTempFolderPath());
    if (!files().exists(markers)) {
      return;
    }
    // Before the timeline: what is not on that has gone, and is not yet to come.
    FileStatus[] folders = files().listStatus(markers);
    HoodieActiveTimeline timeline = metaClient.reloadActiveTimeline();
    for (FileStatus folder : folders) {
      String instant = folder.getPath().getName();
      boolean known =
          timeline.getInstantsAsStream().anyMatch(each -> each.getTimestamp().equals(instant));
      if (!known && isInstant(instant) && !isArchived(instant)) {
        LOG.info("{} wrote under {} after that was rolled back", folder(), instant);
        removeFilesOf(instant, writtenPartitions(instant));
        files().delete(folder.getPath(), true);
      } else if (isCompacted(instant)) {
        LOG.info("{} was compacted under {} again after that was committed", folder(), instant);
        removeUncommitted(instant);
        files().delete(folder.getPath(), true);
      }
    }
  }

  private void removeUncommitted(String compaction) throws IOException {
    HoodieCommitMetadata commit =
        HoodieCommitMetadata.fromBytes(
            timeline()
                .getInstantDetails(
                    new HoodieInstant(false, HoodieTimeline.COMMIT_ACTION, compaction))
                .get(),
            HoodieCommitMetadata.class);
    Set<Path> committed = new HashSet<>();
    commit.getWriteStats().forEach(file -> committed.add(new Path(folder(), file.getPath())));
    for (Path written : written(compaction)) {
      if (!committed.contains(written)) {
        files().delete(written, false);
      }
    }
  }

  /** Whether enough commits have come since the last compaction was planned. */
  boolean compactionIsDue() {
    return !OptionsResolver.isAppendMode(conf)
        && CompactionUtils.getDeltaCommitsSinceLatestCompaction(timeline())
                .map(since -> since.getLeft().countInstants())
                .orElse(0)
            >= conf.get(FlinkOptions.COMPACTION_DELTA_COMMITS)
        && timeline().filterPendingCompactionTimeline().empty();
  }

  /**
   * Plans a compaction of all that is committed. Nothing may be written meanwhile, so the plan is
   * withdrawn when the table is another job's by then; unless that one has seen the plan already
   * and writes behind it.
   */
  void planCompaction(Proof proof) throws IOException {
    proof.isOwned();
    metaClient.reloadActiveTimeline();
    String instant = nextInstant();
    client.scheduleCompactionAtInstant(instant, Option.empty());
    try {
      proof.isOwned();
    } catch (TableOwner.TableTakenException replaced) {
      HoodieInstant planned = HoodieTimeline.getCompactionRequestedInstant(instant);
      if (metaClient.reloadActiveTimeline().containsInstant(planned) && !isWrittenBehind(instant)) {
        timeline().deleteCompactionRequested(planned);
      }
      throw replaced;
    }
    metaClient.reloadActiveTimeline();
  }

  @Override
  public void close() {
    client.close();
    rollbackClient.close();
  }

  /** Whether a slice that begins with a planned compaction has files. */
  private boolean isWrittenBehind(String compaction) throws IOException {
    Set<Path> partitions = new HashSet<>();
    for (HoodieCompactionOperation operation :
        CompactionUtils.getCompactionPlan(metaClient, compaction).getOperations()) {
      partitions.add(FSUtils.getPartitionPath(folder().toString(), operation.getPartitionPath()));
    }
    for (Path partition : partitions) {
      for (FileStatus file : files().listStatus(partition)) {
        if (compaction.equals(instantOf(file.getPath()))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Asks whether the table is still the job's. */
  @FunctionalInterface
  interface Proof {
    /**
     * Returns when it is.
     *
     * @throws TableOwner.TableTakenException if it is another's
     */
    void isOwned() throws IOException;
  }

  private HoodieActiveTimeline timeline() {
    return metaClient.getActiveTimeline();
  }

  /**
   * Later than all on the timeline, even when the clock has jumped back; Hudi's own would wait
   * until the clock has caught up. Never the last millisecond of a second: Hudi 0.14 takes such an
   * instant for one of an older table, in seconds, and for open as soon as any later one is; its
   * readers and compactions then leave out what was committed under it (HUDI-7030).
   */
  private String nextInstant() {
    String newest =
        timeline()
            .getInstantsAsStream()
            .map(HoodieInstant::getTimestamp)
            .filter(TableTimeline::isInstant)
            .max(Comparator.naturalOrder())
            .orElse("");
    if (newest.compareTo(lastInstant) > 0) {
      lastInstant = newest;
    }
    String now = LocalDateTime.now(clock).format(INSTANT);
    lastInstant = now.compareTo(lastInstant) > 0 ? now : millisecondAfter(lastInstant);
    if (lastInstant.endsWith(HoodieInstantTimeGenerator.DEFAULT_MILLIS_EXT)) {
      lastInstant = millisecondAfter(lastInstant);
    }
    return lastInstant;
  }

  private static String millisecondAfter(String instant) {
    return LocalDateTime.parse(instant, INSTANT).plus(Duration.ofMillis(1)).format(INSTANT);
  }

  private static boolean isInstant(String text) {
    return text.matches("\\d{17}");
  }

  private boolean isArchived(String instant) {
    return metaClient.getArchivedTimeline().containsInstant(instant);
  }

  private Set<Path> writtenPartitions(String instant) throws IOException {
    return written(instant).stream().map(Path::getParent).collect(Collectors.toSet());
  }

  /** The data files that writers have announced by markers. */
  private Set<Path> written(String instant) throws IOException {
    Set<Path> written = new HashSet<>();
    Path markers = new Path(metaClient.getMarkerFolderPath(instant));
    if (files().exists(markers)) {
      RemoteIterator<LocatedFileStatus> all = files().listFiles(markers, true);
      while (all.hasNext()) {
        Path marker = all.next().getPath();
        Path partition =
            FSUtils.getPartitionPath(
                folder().toString(), FSUtils.getRelativePartitionPath(markers, marker.getParent()));
        written.add(new Path(partition, WriteMarkers.stripMarkerSuffix(marker.getName())));
      }
    }
    return written;
  }

  /**
   * Removes base files of an instant, and logs of file groups that it has created: Hudi's rollback
   * leaves all but the last of those, and they would count as committed once the timeline begins
   * after the instant.
   */
  private void removeFilesOf(String instant, Set<Path> partitions) throws IOException {
    for (Path partition : partitions) {
      if (!files().exists(partition)) {
        continue;
      }
      for (FileStatus file : files().listStatus(partition)) {
        if (instant.equals(instantOf(file.getPath()))) {
          files().delete(file.getPath(), false);
        }
      }
    }
  }

  private static String instantOf(Path file) {
    if (FSUtils.isLogFile(file)) {
      return FSUtils.getBaseCommitTimeFromLogPath(file);
    }
    return FSUtils.isBaseFile(file) ? FSUtils.getCommitTime(file.getName()) : "";
  }
}
