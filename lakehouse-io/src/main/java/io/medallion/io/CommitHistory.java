package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.avro.model.HoodieArchivedMetaEntry;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieLogFile;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.common.model.HoodieRecord.HoodieRecordType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.log.HoodieLogFormat;
import org.apache.hudi.common.table.log.block.HoodieAvroDataBlock;
import org.apache.hudi.common.table.timeline.HoodieArchivedTimeline.ArchiveFileVersionComparator;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.collection.ClosableIterator;
import org.apache.hudi.exception.HoodieIOException;
import org.apache.hudi.org.apache.avro.generic.GenericRecord;
import org.apache.hudi.org.apache.avro.generic.IndexedRecord;

/**
 * Every write commit of a table from the first one on, archived ones included, as of the moment it
 * was opened. Hudi's own archived timeline holds all instants in memory; this one holds those that
 * are still active, of which there is a bounded number, and streams the archive.
 */
public final class CommitHistory {
  private static final int ATTEMPTS = 5;

  /**
   * On a file system that cannot append, Hudi merges archive files of at most 20 MB, ten at a time,
   * in any order; a larger file was appended to, commit by commit.
   */
  private static final long SORTED_WITHIN = 256L << 20;

  private final HoodieTableMetaClient metaClient;
  private final List<Entry> active;

  /**
   * A commit.
   *
   * @param visibleAt null of an archived one, whose file is gone
   * @param extra what it carries beside the data
   */
  private record Entry(String instant, @Nullable Instant visibleAt, Map<String, String> extra) {
    Optional<Commit> ours() {
      return visibleAt == null
          ? CommitLog.archived(instant, extra)
          : CommitLog.commit(instant, visibleAt, extra);
    }
  }

  /** Takes commits, oldest first. */
  public interface Visitor {
    /** A commit of ours. */
    void commit(Commit commit);

    /** A commit that carries nothing of ours. */
    void foreign(String instant);
  }

  private CommitHistory(HoodieTableMetaClient metaClient, List<Entry> active) {
    this.metaClient = metaClient;
    this.active = active;
  }

  /** The commits of a table as of now, or empty when there is no table. */
  public static Optional<CommitHistory> open(String warehouse, TableDefinition table) {
    Path path = new Path(table.path(warehouse));
    try {
      if (!path.getFileSystem(HudiTable.hadoop())
          .exists(new Path(path, HoodieTableMetaClient.METAFOLDER_NAME))) {
        return Optional.empty();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not look for table " + path, failure);
    }
    HoodieTableMetaClient metaClient =
        HoodieTableMetaClient.builder()
            .setConf(HudiTable.hadoop())
            .setBasePath(path.toString())
            .build();
    return Optional.of(new CommitHistory(metaClient, active(metaClient)));
  }

  /**
   * Reads the active commits before the archive: what is archived meanwhile is in both, never in
   * neither.
   */
  private static List<Entry> active(HoodieTableMetaClient metaClient) {
    for (int attempt = 1; ; attempt++) {
      HoodieTimeline timeline =
          metaClient.reloadActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants();
      try {
        List<Entry> entries = new ArrayList<>();
        for (HoodieInstant instant : timeline.getInstants()) {
          entries.add(
              new Entry(
                  instant.getTimestamp(),
                  CommitLog.visibleAt(instant),
                  HoodieCommitMetadata.fromBytes(
                          timeline.getInstantDetails(instant).get(), HoodieCommitMetadata.class)
                      .getExtraMetadata()));
        }
        return entries;
      } catch (IOException | HoodieIOException archivedMeanwhile) {
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "Could not read the commits of " + metaClient.getBasePathV2(), archivedMeanwhile);
        }
      }
    }
  }

  /** The instant of the newest commit, whoever wrote it; empty when there is none. */
  public Optional<String> newest() {
    return active.isEmpty()
        ? Optional.empty()
        : Optional.of(active.get(active.size() - 1).instant());
  }

  /** Shows every commit, in the order of the instants. */
  public void forEach(Visitor visitor) {
    String firstActive = active.isEmpty() ? null : active.get(0).instant();
    try {
      FileStatus[] files =
          metaClient
              .getFs()
              .globStatus(new Path(metaClient.getArchivePath() + "/.commits_.archive*"));
      Arrays.sort(files, new ArchiveFileVersionComparator().reversed());
      Ascending ascending = new Ascending(visitor, firstActive);
      for (FileStatus file : files) {
        List<Entry> small = new ArrayList<>();
        boolean sort = file.getLen() < SORTED_WITHIN;
        archived(file.getPath(), sort ? small::add : ascending::show);
        small.stream().sorted(Comparator.comparing(Entry::instant)).forEach(ascending::show);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Could not read the archived commits in " + metaClient.getArchivePath(), failure);
    }
    active.forEach(entry -> show(entry, visitor));
  }

  private static void show(Entry entry, Visitor visitor) {
    entry.ours().ifPresentOrElse(visitor::commit, () -> visitor.foreign(entry.instant()));
  }

  /** Leaves out what was archived twice after a crash, and what is still active. */
  private static final class Ascending {
    private final Visitor visitor;
    private final String firstActive;
    private String last = "";

    Ascending(Visitor visitor, String firstActive) {
      this.visitor = visitor;
      this.firstActive = firstActive;
    }

    void show(Entry entry) {
      if (entry.instant().compareTo(last) > 0
          && (firstActive == null || entry.instant().compareTo(firstActive) < 0)) {
        CommitHistory.show(entry, visitor);
        last = entry.instant();
      }
    }
  }

  private interface Entries {
    void add(Entry entry);
  }

  /** The write commits of an archive file, block by block. */
  private void archived(Path file, Entries entries) throws IOException {
    try (HoodieLogFormat.Reader reader =
        HoodieLogFormat.newReader(
            metaClient.getFs(),
            new HoodieLogFile(file),
            HoodieArchivedMetaEntry.getClassSchema())) {
      while (reader.hasNext()) {
        if (reader.next() instanceof HoodieAvroDataBlock block) {
          try (ClosableIterator<HoodieRecord<IndexedRecord>> records =
              block.getRecordIterator(HoodieRecordType.AVRO)) {
            while (records.hasNext()) {
              GenericRecord record = (GenericRecord) records.next().getData();
              if (is(record, "actionType", HoodieTimeline.DELTA_COMMIT_ACTION)
                  && is(record, "actionState", HoodieInstant.State.COMPLETED.name())) {
                entries.add(
                    new Entry(
                        String.valueOf(record.get("commitTime")), null, extraMetadata(record)));
              }
            }
          }
        }
      }
    }
  }

  private static boolean is(GenericRecord record, String field, String value) {
    return value.equals(String.valueOf(record.get(field)));
  }

  private static Map<String, String> extraMetadata(GenericRecord record) {
    Map<String, String> extra = new HashMap<>();
    if (record.get("hoodieCommitMetadata") instanceof GenericRecord commit
        && commit.get("extraMetadata") instanceof Map<?, ?> entries) {
      entries.forEach((key, value) -> extra.put(String.valueOf(key), String.valueOf(value)));
    }
    return extra;
  }
}
