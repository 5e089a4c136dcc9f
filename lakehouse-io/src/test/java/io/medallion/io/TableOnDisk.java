package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieDeltaWriteStat;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;

/** A table as it lies there: its instants, its files, its rows as any Hudi reader sees them. */
final class TableOnDisk {
  private final String warehouse;
  private final TableDefinition table;

  TableOnDisk(String warehouse, TableDefinition table) {
    this.warehouse = warehouse;
    this.table = table;
  }

  /** The rows, sorted, fields separated by a blank. */
  List<String> rows() {
    List<String> rows = new ArrayList<>();
    new Lakehouse(warehouse, "numbers").read(table, row -> rows.add(text(table.columns(), row)));
    return rows.stream().sorted().toList();
  }

  /** The fields of a row, separated by a blank. */
  static String text(RowType columns, RowData row) {
    return IntStream.range(0, columns.getFieldCount())
        .mapToObj(i -> RowData.createFieldGetter(columns.getTypeAt(i), i).getFieldOrNull(row))
        .map(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  List<Commit> commits() {
    return CommitLog.active(warehouse, table);
  }

  Commit latest() {
    return CommitLog.latest(warehouse, table).orElseThrow();
  }

  /** The instants of completed commits. */
  List<String> completed() {
    return instants(
        metaClient().getActiveTimeline().getDeltaCommitTimeline().filterCompletedInstants());
  }

  /** The instants of commits that are under way. */
  List<String> pending() {
    return instants(
        metaClient().getActiveTimeline().getDeltaCommitTimeline().filterInflightsAndRequested());
  }

  List<String> rolledBack() {
    return instants(
        metaClient().getActiveTimeline().getRollbackTimeline().filterCompletedInstants());
  }

  List<String> pendingRollbacks() {
    return instants(metaClient().getActiveTimeline().filterPendingRollbackTimeline());
  }

  List<String> plannedCompactions() {
    return instants(metaClient().getActiveTimeline().filterPendingCompactionTimeline());
  }

  /** All data files, relative to the table. */
  Set<String> files() {
    Path folder = folder();
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .filter(
              file -> !file.startsWith(".hoodie") && !file.endsWith(".hoodie_partition_metadata"))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The data files that completed commits and compactions name, relative to the table. */
  Set<String> committedFiles() {
    HoodieTimeline commits =
        metaClient().getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    Set<String> files = new TreeSet<>();
    for (HoodieInstant instant : commits.getInstants()) {
      try {
        for (HoodieWriteStat file :
            HoodieCommitMetadata.fromBytes(
                    commits.getInstantDetails(instant).get(), HoodieCommitMetadata.class)
                .getWriteStats()) {
          files.add(file.getPath());
          if (file instanceof HoodieDeltaWriteStat delta) {
            delta
                .getLogFiles()
                .forEach(log -> files.add(Path.of(file.getPath()).resolveSibling(log).toString()));
          }
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
    return files;
  }

  Path folder() {
    return Path.of(URI.create(table.path(warehouse)));
  }

  HoodieTableMetaClient metaClient() {
    return HoodieTableMetaClient.builder()
        .setConf(HudiTable.hadoop())
        .setBasePath(table.path(warehouse))
        .build();
  }

  private static List<String> instants(HoodieTimeline timeline) {
    return timeline.getInstantsAsStream().map(HoodieInstant::getTimestamp).toList();
  }
}
