package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.catalog.CatalogDatabaseImpl;
import org.apache.flink.table.catalog.CatalogTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ObjectPath;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.catalog.UniqueConstraint;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.bloom.BloomFilterTypeCode;
import org.apache.hudi.common.config.HoodieStorageConfig;
import org.apache.hudi.common.engine.HoodieLocalEngineContext;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.FileSlice;
import org.apache.hudi.common.model.HoodieCleaningPolicy;
import org.apache.hudi.common.model.HoodieFileGroup;
import org.apache.hudi.common.model.OverwriteWithLatestAvroPayload;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.table.view.FileSystemViewStorageConfig;
import org.apache.hudi.common.table.view.HoodieTableFileSystemView;
import org.apache.hudi.common.util.CleanerUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.config.HoodieMemoryConfig;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.HadoopConfigurations;
import org.apache.hudi.table.HoodieTableFactory;
import org.apache.hudi.table.HoodieTableSink;
import org.apache.hudi.table.HoodieTableSource;
import org.apache.hudi.table.catalog.HoodieCatalog;
import org.apache.hudi.util.ViewStorageProperties;

/**
 * A table definition as Hudi knows it: its folder, its catalog entry, the configuration of its
 * writers and readers. The reasons for each setting stand beside it; they were measured, see {@code
 * docs/decisions}.
 */
final class HudiTable {
  private static final String CATALOG = "lake";
  private static final String LOCAL_FILES = "fs.file.impl";

  private final TableDefinition table;
  private final String warehouse;

  HudiTable(TableDefinition table, String warehouse) {
    this.table = table;
    this.warehouse = warehouse;
  }

  TableDefinition definition() {
    return table;
  }

  String path() {
    return table.path(warehouse);
  }

  FollowedTable followed() {
    return new FollowedTable(table, warehouse);
  }

  /**
   * Creates the table and its database where they do not exist, so that Hudi's dfs catalog lists
   * them.
   */
  void createIfMissing() {
    Path root = new Path(warehouse);
    try {
      root.getFileSystem(hadoop()).mkdirs(root);
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not create the warehouse " + warehouse, failure);
    }
    Configuration options = new Configuration();
    options.setString("hadoop." + LOCAL_FILES, LocalFiles.class.getName());
    options.setString("catalog.path", warehouse);
    HoodieCatalog catalog = new HoodieCatalog(CATALOG, options);
    catalog.open();
    try {
      catalog.createDatabase(table.layer().database(), new CatalogDatabaseImpl(Map.of(), ""), true);
      catalog.createTable(
          new ObjectPath(table.layer().database(), table.name()), catalogTable(stored()), true);
    } catch (org.apache.flink.table.catalog.exceptions.DatabaseAlreadyExistException
        | org.apache.flink.table.catalog.exceptions.DatabaseNotExistException
        | org.apache.flink.table.catalog.exceptions.TableAlreadyExistException impossible) {
      throw new IllegalStateException(
          "Could not create " + table.qualifiedName() + " in " + warehouse, impossible);
    } finally {
      catalog.close();
    }
    createViewSettings();
  }

  /**
   * Hudi's writers read them as they start, and its clients of a JobManager would delete and write
   * them anew, also just then. They say what is the default: that a writer lists files itself.
   */
  private void createViewSettings() {
    Path settings =
        new Path(path(), HoodieTableMetaClient.AUXILIARYFOLDER_NAME + "/view_storage_conf");
    try {
      if (!settings.getFileSystem(hadoop()).exists(settings)) {
        ViewStorageProperties.createProperties(
            path(), FileSystemViewStorageConfig.newBuilder().build(), reading());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not write " + settings, failure);
    }
  }

  /** The configuration of the table's one writer job. */
  Configuration writing(int parallelism, Duration checkpointTimeout) {
    Map<String, String> options = ours();
    // How long a writer waits for the commit before it fails the job: as long as Flink waits for a
    // checkpoint.
    options.put(
        FlinkOptions.WRITE_COMMIT_ACK_TIMEOUT.key(), String.valueOf(checkpointTimeout.toMillis()));
    options.put(FlinkOptions.WRITE_TASKS.key(), String.valueOf(parallelism));
    options.put(FlinkOptions.COMPACTION_TASKS.key(), "1");
    // No port is opened: writers list the file system instead of asking a timeline server in the
    // JobManager.
    options.put("hoodie.embed.timeline.server", "false");
    options.put("hoodie.write.markers.type", "DIRECT");
    // Nobody looks for a key in a bloom filter: rows are appended, or found by their bucket. Hudi
    // writes one into each file all the same, by default of 300 kB; this one has two bits.
    options.put(HoodieStorageConfig.BLOOM_FILTER_TYPE.key(), BloomFilterTypeCode.SIMPLE.name());
    options.put(HoodieStorageConfig.BLOOM_FILTER_NUM_ENTRIES_VALUE.key(), "1");
    options.put(HoodieStorageConfig.BLOOM_FILTER_FPP_VALUE.key(), "0.5");
    if (table.writing() == Writing.APPEND) {
      // Nothing of it is ever cleaned, and Hudi archives no commit that its cleaner might ask for.
      options.put(FlinkOptions.CLEAN_POLICY.key(), HoodieCleaningPolicy.KEEP_LATEST_COMMITS.name());
    } else {
      // A streaming reader that was down finds its files for a week; commits say less and expire
      // with load.
      options.put(
          FlinkOptions.CLEAN_POLICY.key(), HoodieCleaningPolicy.KEEP_LATEST_BY_HOURS.name());
      options.put(FlinkOptions.CLEAN_RETAIN_HOURS.key(), String.valueOf(7 * 24));
    }
    options.put(FlinkOptions.ARCHIVE_MIN_COMMITS.key(), "240");
    options.put(FlinkOptions.ARCHIVE_MAX_COMMITS.key(), "280");
    options.put(FlinkOptions.COMPACTION_DELTA_COMMITS.key(), "20");
    Configuration conf =
        ((HoodieTableSink) new HoodieTableFactory().createDynamicTableSink(context(options)))
            .getConf();
    conf.setString(CommitLog.VERSION, String.valueOf(table.version()));
    conf.setString(CommitLog.FINGERPRINT, table.fingerprint());
    conf.set(
        LimitPartitions.MOST,
        // Files that are open at once, each with some megabytes; or twenty-seven years of days.
        table.writing() == Writing.APPEND ? 200 : 10_000);
    return conf;
  }

  /**
   * The table's columns as Hudi writes them.
   *
   * @param reading {@link #reading}
   */
  static org.apache.hudi.org.apache.avro.Schema avroSchema(Configuration reading) {
    return new org.apache.hudi.org.apache.avro.Schema.Parser()
        .parse(reading.get(FlinkOptions.SOURCE_AVRO_SCHEMA));
  }

  /** A reader of the table as it is now. */
  HoodieTableSource snapshot() {
    return (HoodieTableSource) new HoodieTableFactory().createDynamicTableSource(context(ours()));
  }

  /** A reader of the table as it was after a commit, later ones left out. */
  HoodieTableSource asOf(String instant) {
    return (HoodieTableSource)
        new HoodieTableFactory().createDynamicTableSource(context(oursAsOf(instant)));
  }

  /** What Hudi's readers and writers are told of the table. */
  Configuration reading() {
    return snapshot().getConf();
  }

  /**
   * Asks for the state after a commit: of one that is archived or cleaned, Hudi would return less
   * than there was, without a word.
   *
   * @throws NotHeldException if the table does not hold it
   */
  void requireHeld(String instant) {
    HoodieTableMetaClient metaClient = metaClient();
    HoodieActiveTimeline timeline = metaClient.getActiveTimeline();
    boolean active =
        timeline.getDeltaCommitTimeline().filterCompletedInstants().getInstants().stream()
            .anyMatch(commit -> commit.getTimestamp().equals(instant));
    if (!active) {
      throw new NotHeldException(
          "%s cannot be read as of %s: that commit is not on its timeline any more."
              .formatted(table.qualifiedName(), instant));
    }
    Option<HoodieInstant> clean =
        timeline.getCleanerTimeline().filterCompletedInstants().lastInstant();
    if (clean.isPresent()) {
      String retained = earliestRetained(metaClient, clean.get());
      if (retained.compareTo(instant) > 0) {
        throw new NotHeldException(
            "%s cannot be read as of %s: files of before %s have been cleaned."
                .formatted(table.qualifiedName(), instant, retained));
      }
    }
    requireSlices(metaClient, sameState(timeline, instant));
  }

  /**
   * A compaction between a commit and the next one changes nothing; the files of before may be
   * gone, and its own are there.
   */
  private static String sameState(HoodieActiveTimeline timeline, String instant) {
    Option<HoodieInstant> next =
        timeline.getDeltaCommitTimeline().findInstantsAfter(instant).firstInstant();
    HoodieTimeline compactions = timeline.getCommitTimeline().filterCompletedInstants();
    Option<HoodieInstant> last =
        (next.isPresent() ? compactions.findInstantsBefore(next.get().getTimestamp()) : compactions)
            .lastInstant();
    return last.isPresent() && last.get().getTimestamp().compareTo(instant) > 0
        ? last.get().getTimestamp()
        : instant;
  }

  /**
   * By hours, Hudi cleans a file slice as soon as its file group has a newer one and it began
   * before what is retained, although it is the one that was valid at what is: the group begins
   * with a compaction then.
   */
  private void requireSlices(HoodieTableMetaClient metaClient, String instant) {
    Set<String> compactions =
        metaClient
            .getActiveTimeline()
            .getCommitTimeline()
            .filterCompletedInstants()
            .getInstantsAsStream()
            .map(HoodieInstant::getTimestamp)
            .collect(Collectors.toSet());
    if (compactions.isEmpty()) {
      return;
    }
    HoodieTableFileSystemView files =
        new HoodieTableFileSystemView(
            metaClient, metaClient.getActiveTimeline().filterCompletedAndCompactionInstants());
    try {
      for (String partition :
          FSUtils.getAllPartitionPaths(
              new HoodieLocalEngineContext(hadoop()), path(), false, false)) {
        for (HoodieFileGroup group : files.getAllFileGroups(partition).toList()) {
          String first =
              group
                  .getAllRawFileSlices()
                  .map(FileSlice::getBaseInstantTime)
                  .min(Comparator.naturalOrder())
                  .orElse("");
          if (first.compareTo(instant) > 0 && compactions.contains(first)) {
            throw new NotHeldException(
                "%s cannot be read as of %s: of file group %s, files of before %s have been cleaned."
                    .formatted(
                        table.qualifiedName(), instant, group.getFileGroupId().getFileId(), first));
          }
        }
      }
    } finally {
      files.close();
    }
  }

  private HoodieTableMetaClient metaClient() {
    return HoodieTableMetaClient.builder().setConf(hadoop()).setBasePath(path()).build();
  }

  private static String earliestRetained(HoodieTableMetaClient metaClient, HoodieInstant clean) {
    try {
      return Objects.requireNonNullElse(
          CleanerUtils.getCleanerMetadata(metaClient, clean).getEarliestCommitToRetain(), "");
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read " + clean, failure);
    }
  }

  /** Hadoop's configuration as all our code uses it: a copy, for the caller alone. */
  static org.apache.hadoop.conf.Configuration hadoop() {
    return new org.apache.hadoop.conf.Configuration(Hadoop.LOADED);
  }

  /** Read once: Hadoop parses its XML files anew for each configuration that is not a copy. */
  private static final class Hadoop {
    static final org.apache.hadoop.conf.Configuration LOADED =
        HadoopConfigurations.getHadoopConf(new Configuration());

    static {
      LOADED.set(LOCAL_FILES, LocalFiles.class.getName());
      // Not that of whichever thread came first.
      LOADED.setClassLoader(LocalFiles.class.getClassLoader());
    }

    private Hadoop() {}
  }

  /** The stored options and those that only our own jobs know. */
  private Map<String, String> ours() {
    Map<String, String> options = stored();
    options.put("hadoop." + LOCAL_FILES, LocalFiles.class.getName());
    return options;
  }

  private Map<String, String> oursAsOf(String instant) {
    Map<String, String> options = ours();
    String end = sameState(metaClient().getActiveTimeline(), instant);
    // Both together are a snapshot as of the end; the end alone would be the rows of that commit.
    options.put(FlinkOptions.READ_START_COMMIT.key(), FlinkOptions.START_COMMIT_EARLIEST);
    options.put(FlinkOptions.READ_END_COMMIT.key(), end);
    return options;
  }

  /** The options that are stored with the table, which a plain reader needs too. */
  private Map<String, String> stored() {
    Map<String, String> options = new HashMap<>();
    options.put("connector", "hudi");
    options.put(FlinkOptions.PATH.key(), path());
    options.put(FlinkOptions.TABLE_TYPE.key(), "MERGE_ON_READ");
    options.put(FlinkOptions.HIVE_STYLE_PARTITIONING.key(), "true");
    // A partition value with a slash or two dots must not name a folder outside the table.
    options.put(FlinkOptions.URL_ENCODE_PARTITIONING.key(), "true");
    options.put(FlinkOptions.PARTITION_FORMAT.key(), FlinkOptions.PARTITION_FORMAT_DASHED_DAY);
    options.put(FlinkOptions.METADATA_ENABLED.key(), "false");
    // Set aside for each log of a file slice at once, however small it is: Hudi's 16 MB exhaust a
    // reader's memory after some dozen commits.
    options.put(HoodieMemoryConfig.MAX_DFS_STREAM_BUFFER_SIZE.key(), String.valueOf(1 << 16));
    if (table.writing() == Writing.APPEND) {
      options.put(FlinkOptions.OPERATION.key(), "insert");
    } else {
      options.put(FlinkOptions.OPERATION.key(), "upsert");
      options.put(FlinkOptions.INDEX_TYPE.key(), "BUCKET");
      // Fixed for the life of a table: another number would look for existing keys in the wrong
      // file groups.
      options.put(FlinkOptions.BUCKET_INDEX_NUM_BUCKETS.key(), "2");
      // Order is decided before the sink: the last row written wins.
      options.put(
          FlinkOptions.PAYLOAD_CLASS_NAME.key(), OverwriteWithLatestAvroPayload.class.getName());
      options.put(FlinkOptions.PRECOMBINE_FIELD.key(), FlinkOptions.NO_PRE_COMBINE);
      options.put(
          FlinkOptions.CHANGELOG_ENABLED.key(),
          String.valueOf(table.writing() == Writing.CHANGELOG));
    }
    return options;
  }

  private ResolvedCatalogTable catalogTable(Map<String, String> options) {
    ResolvedSchema schema =
        new ResolvedSchema(
            table.columns().getFields().stream()
                .map(
                    field ->
                        (Column)
                            Column.physical(
                                field.getName(),
                                TypeConversions.fromLogicalToDataType(
                                    table.key().contains(field.getName())
                                        ? field.getType().copy(false)
                                        : field.getType())))
                .toList(),
            List.of(),
            UniqueConstraint.primaryKey("key", table.key()));
    return new ResolvedCatalogTable(
        CatalogTable.newBuilder()
            .schema(Schema.newBuilder().fromResolvedSchema(schema).build())
            .comment("")
            .partitionKeys(table.partitionBy())
            .options(options)
            .build(),
        schema);
  }

  private FactoryUtil.DefaultDynamicTableContext context(Map<String, String> options) {
    return new FactoryUtil.DefaultDynamicTableContext(
        ObjectIdentifier.of(CATALOG, table.layer().database(), table.name()),
        catalogTable(options),
        Map.of(),
        new Configuration(),
        HudiTable.class.getClassLoader(),
        true);
  }
}
