package io.medallion.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.util.InstantiationUtil;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;

/**
 * The commits of a table and what they carry beside the data; the table's own timeline is the only
 * source.
 */
public final class CommitLog {
  private static final String PIPELINE = "medallion.pipeline";
  private static final String LAYER = "medallion.layer";
  private static final String JOB = "medallion.job";
  private static final String CHECKPOINT = "medallion.checkpoint";
  private static final String COMPLETED_AT = "medallion.completed-at";
  private static final String PROGRESS = "medallion.progress";

  /** Of the table's definition; also the option of its writers that says it. */
  static final String VERSION = "medallion.version";

  /** Likewise; a table whose rows are always made the same way has none. */
  static final String FINGERPRINT = "medallion.fingerprint";

  /** Milliseconds; likewise. */
  static final String CHECKPOINT_INTERVAL = "medallion.checkpoint-interval";

  /** What is still to be committed of an epoch that was written under several instants. */
  private static final String UNFINISHED = "medallion.unfinished";

  private static final ObjectMapper JSON = new ObjectMapper();

  private CommitLog() {}

  /** The newest commit of ours, or empty when the table does not exist or has none. */
  public static Optional<Commit> latest(String warehouse, TableDefinition table) {
    return metaClient(warehouse, table).flatMap(CommitLog::latest);
  }

  /**
   * The newest state of a table that holds what its position says, no less and no more: of what was
   * committed under several instants all or nothing. What others wrote since is in it. Empty when
   * the table does not exist or has no commit of ours.
   */
  public static Optional<TableSnapshot> snapshot(String warehouse, TableDefinition table) {
    return metaClient(warehouse, table).flatMap(CommitLog::snapshot);
  }

  private static Optional<TableSnapshot> snapshot(HoodieTableMetaClient metaClient) {
    HoodieTimeline timeline =
        metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
    String newest = null;
    for (HoodieInstant instant : timeline.getReverseOrderedInstants().toList()) {
      newest = newest == null ? instant.getTimestamp() : newest;
      Map<String, String> carried = carried(timeline, instant);
      if (carried.containsKey(UNFINISHED)) {
        newest = null;
        continue;
      }
      Optional<Commit> ours = commit(instant.getTimestamp(), visibleAt(instant), carried);
      if (ours.isPresent()) {
        return Optional.of(new TableSnapshot(newest, ours.get().progress().nextByInput()));
      }
    }
    return Optional.empty();
  }

  /** The newest commit of ours that is not later than an instant, or empty when there is none. */
  static Optional<Commit> upTo(String warehouse, TableDefinition table, String instant) {
    return metaClient(warehouse, table)
        .flatMap(
            metaClient -> {
              HoodieTimeline timeline =
                  metaClient
                      .getActiveTimeline()
                      .getDeltaCommitTimeline()
                      .filterCompletedInstants()
                      .findInstantsBeforeOrEquals(instant);
              return timeline
                  .getReverseOrderedInstants()
                  .map(each -> commit(timeline, each))
                  .filter(Objects::nonNull)
                  .findFirst();
            });
  }

  /** The instant of the newest commit, whoever made it. */
  public static Optional<String> newestInstant(String warehouse, TableDefinition table) {
    return metaClient(warehouse, table)
        .flatMap(
            metaClient ->
                metaClient
                    .getActiveTimeline()
                    .getDeltaCommitTimeline()
                    .filterCompletedInstants()
                    .getReverseOrderedInstants()
                    .map(HoodieInstant::getTimestamp)
                    .findFirst());
  }

  /** Empty when the table does not exist. */
  static Optional<HoodieTableMetaClient> metaClient(String warehouse, TableDefinition table) {
    Configuration conf = HudiTable.hadoop();
    Path path = new Path(table.path(warehouse));
    try {
      return path.getFileSystem(conf).exists(new Path(path, HoodieTableMetaClient.METAFOLDER_NAME))
          ? Optional.of(
              HoodieTableMetaClient.builder().setConf(conf).setBasePath(path.toString()).build())
          : Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not look for table " + path, failure);
    }
  }

  static Optional<Commit> latest(HoodieTableMetaClient metaClient) {
    HoodieTimeline timeline =
        metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
    return timeline
        .getReverseOrderedInstants()
        .map(instant -> commit(timeline, instant))
        .filter(Objects::nonNull)
        .findFirst();
  }

  /** What the newest commit of ours says is still to be committed with it. */
  static Optional<Epoch> unfinished(HoodieTableMetaClient metaClient) {
    HoodieTimeline timeline =
        metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
    return timeline
        .getReverseOrderedInstants()
        .map(instant -> carried(timeline, instant))
        .filter(carried -> carried.containsKey(PROGRESS))
        .findFirst()
        .map(carried -> carried.get(UNFINISHED))
        .map(CommitLog::epoch);
  }

  /** All commits of ours that are still on the active timeline, oldest first. */
  public static List<Commit> active(String warehouse, TableDefinition table) {
    HoodieTableMetaClient metaClient =
        HoodieTableMetaClient.builder()
            .setConf(HudiTable.hadoop())
            .setBasePath(table.path(warehouse))
            .build();
    HoodieTimeline timeline =
        metaClient.getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
    return timeline
        .getInstantsAsStream()
        .map(instant -> commit(timeline, instant))
        .filter(Objects::nonNull)
        .toList();
  }

  /** What a commit carries, as extra metadata of Hudi's commit. */
  static Map<String, String> metadata(
      String pipeline, String table, String job, long checkpointId, Progress progress) {
    try {
      return Map.of(
          PIPELINE,
          pipeline,
          LAYER,
          table.substring(0, table.indexOf('.')),
          JOB,
          job,
          CHECKPOINT,
          String.valueOf(checkpointId),
          COMPLETED_AT,
          String.valueOf(System.currentTimeMillis()),
          PROGRESS,
          JSON.writeValueAsString(progress));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** As {@link #metadata}, of a commit that others have to follow. */
  static Map<String, String> metadata(
      String pipeline,
      String table,
      String job,
      long checkpointId,
      Progress progress,
      Epoch unfinished) {
    Map<String, String> carries =
        new HashMap<>(metadata(pipeline, table, job, checkpointId, progress));
    try {
      carries.put(
          UNFINISHED,
          Base64.getEncoder().encodeToString(InstantiationUtil.serializeObject(unfinished)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return carries;
  }

  private static Epoch epoch(String unfinished) {
    try {
      return InstantiationUtil.deserializeObject(
          Base64.getDecoder().decode(unfinished), CommitLog.class.getClassLoader());
    } catch (IOException | ClassNotFoundException failure) {
      throw new IllegalStateException("Could not read what is still to be committed", failure);
    }
  }

  private static Map<String, String> carried(HoodieTimeline timeline, HoodieInstant instant) {
    try {
      return HoodieCommitMetadata.fromBytes(
              timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class)
          .getExtraMetadata();
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read commit " + instant, failure);
    }
  }

  /** The commit of an instant, or null for one that is not ours. */
  private static Commit commit(HoodieTimeline timeline, HoodieInstant instant) {
    return commit(instant.getTimestamp(), visibleAt(instant), carried(timeline, instant))
        .orElse(null);
  }

  /** When the file that makes a commit visible came to be. */
  static Instant visibleAt(HoodieInstant instant) {
    try {
      return HoodieActiveTimeline.parseDateFromInstantTime(instant.getStateTransitionTime())
          .toInstant();
    } catch (ParseException impossible) {
      throw new IllegalStateException("Not a time: " + instant, impossible);
    }
  }

  /** The same of an archived commit, whose file is gone. */
  static Optional<Commit> archived(String instant, Map<String, String> extra) {
    return extra.containsKey(PROGRESS)
        ? commit(instant, Instant.ofEpochMilli(Long.parseLong(extra.get(COMPLETED_AT))), extra)
        : Optional.empty();
  }

  /**
   * What a Hudi commit carries of ours, or empty for one that is not ours.
   *
   * @param extra the extra metadata of Hudi's commit
   */
  static Optional<Commit> commit(String instant, Instant visibleAt, Map<String, String> extra) {
    if (!extra.containsKey(PROGRESS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Commit(
              instant,
              Instant.ofEpochMilli(Long.parseLong(extra.get(COMPLETED_AT))),
              visibleAt,
              Long.parseLong(extra.get(CHECKPOINT)),
              extra.get(PIPELINE),
              extra.get(LAYER),
              extra.get(JOB),
              Integer.parseInt(extra.getOrDefault(VERSION, "1")),
              extra.getOrDefault(FINGERPRINT, ""),
              Duration.ofMillis(
                  Math.max(0, Long.parseLong(extra.getOrDefault(CHECKPOINT_INTERVAL, "0")))),
              JSON.readValue(extra.get(PROGRESS), Progress.class)));
    } catch (JsonProcessingException failure) {
      throw new UncheckedIOException("Could not read what commit " + instant + " carries", failure);
    }
  }
}
