package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitHistoryTest {
  private static final TableDefinition TABLE =
      new TableDefinition(
          Layer.BRONZE,
          "numbers",
          (RowType)
              DataTypes.ROW(
                      DataTypes.FIELD("id", DataTypes.STRING().notNull()),
                      DataTypes.FIELD("half", DataTypes.STRING()),
                      DataTypes.FIELD("number", DataTypes.BIGINT()))
                  .notNull()
                  .getLogicalType(),
          List.of("id"),
          List.of("half"),
          Writing.APPEND);

  @TempDir Path folder;
  private String warehouse;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
  }

  @Test
  void aTableThatIsNotThereHasNone() {
    assertThat(CommitHistory.open(warehouse, TABLE)).isEmpty();
  }

  @Test
  void aTableWithoutCommitsHasNoNewest() {
    // Given
    new HudiTable(TABLE, warehouse).createIfMissing();

    // When
    CommitHistory history = CommitHistory.open(warehouse, TABLE).orElseThrow();

    // Then
    assertThat(history.newest()).isEmpty();
    assertThat(seen(history)).isEmpty();
  }

  @Test
  void archivedCommitsComeBeforeActiveOnesEachOnce() throws Exception {
    // Given
    List<String> expected = new ArrayList<>();
    try (CommitRows rows = archivingRows()) {
      for (int i = 0; i < 9; i++) {
        expected.add(
            i == 4
                ? "foreign " + rows.commitForeign()
                : rows.commit(at(i), row("a" + i, i)) + " " + i);
        rows.archive();
      }
    }
    assertThat(active()).isLessThan(5);

    // When
    CommitHistory history = CommitHistory.open(warehouse, TABLE).orElseThrow();

    // Then
    assertThat(seen(history)).isEqualTo(expected);
    assertThat(history.newest()).hasValue(expected.get(8).substring(0, 17));
  }

  @Test
  void aCommitIsSeenSinceItsFileIsThereAnArchivedOneSinceItWasMade() throws Exception {
    // Given
    try (CommitRows rows = archivingRows()) {
      for (int i = 0; i < 9; i++) {
        rows.commit(at(i), row("a" + i, i));
        rows.archive();
      }
    }
    List<Commit> active = CommitLog.active(warehouse, TABLE);
    assertThat(active).hasSizeLessThan(5);

    // When
    List<Commit> all = commits(CommitHistory.open(warehouse, TABLE).orElseThrow());

    // Then
    assertThat(all).hasSize(9).endsWith(active.toArray(Commit[]::new));
    assertThat(all.get(0).visibleAt()).isEqualTo(all.get(0).completedAt());
  }

  @Test
  void whatIsCommittedAfterOpeningIsLeftOut() throws Exception {
    try (CommitRows rows = new CommitRows(warehouse, TABLE)) {
      // Given
      String first = rows.commit(at(0), row("a", 1));
      CommitHistory history = CommitHistory.open(warehouse, TABLE).orElseThrow();

      // When
      rows.commit(at(1), row("b", 2));

      // Then
      assertThat(history.newest()).hasValue(first);
      assertThat(seen(history)).containsExactly(first + " 0");
    }
  }

  @Test
  void aSnapshotHoldsWhatOthersHaveWrittenBehindTheNewestCommitOfOurs() throws Exception {
    try (CommitRows rows = new CommitRows(warehouse, TABLE)) {
      // Given
      rows.commitForeign();
      assertThat(CommitLog.snapshot(warehouse, TABLE)).isEmpty();
      rows.commit(at(0), row("a", 1));
      String ours = rows.commit(at(1), row("b", 2));
      assertThat(CommitLog.snapshot(warehouse, TABLE))
          .contains(new TableSnapshot(ours, Map.of("t-0", 2L)));

      // When
      String foreign = rows.commitForeign(row("c", 3));

      // Then
      assertThat(CommitLog.snapshot(warehouse, TABLE))
          .contains(new TableSnapshot(foreign, Map.of("t-0", 2L)));
    }
  }

  private static List<Commit> commits(CommitHistory history) {
    List<Commit> shown = new ArrayList<>();
    history.forEach(
        new CommitHistory.Visitor() {
          @Override
          public void commit(Commit commit) {
            shown.add(commit);
          }

          @Override
          public void foreign(String instant) {
            throw new AssertionError("Nobody else wrote " + instant);
          }
        });
    return shown;
  }

  /** Archives what is older than the two or three newest commits. */
  private CommitRows archivingRows() {
    return new CommitRows(
        warehouse,
        TABLE,
        Map.of(
            "archive.min_commits", "2",
            "archive.max_commits", "3",
            // Hudi keeps what the next compaction might need.
            "compaction.delta_commits", "1",
            "clean.policy", "KEEP_LATEST_COMMITS",
            "clean.retain_commits", "1"));
  }

  private static RowData row(String id, long number) {
    return GenericRowData.of(StringData.fromString(id), StringData.fromString("all"), number);
  }

  private int active() {
    return HoodieTableMetaClient.builder()
        .setConf(HudiTable.hadoop())
        .setBasePath(TABLE.path(warehouse))
        .build()
        .getActiveTimeline()
        .getDeltaCommitTimeline()
        .countInstants();
  }

  private static Progress at(long number) {
    return new Progress(
        Map.of("t-0", new Span(number, number + 1)), Map.of("n", number), Map.of(), 0, 0);
  }

  private static List<String> seen(CommitHistory history) {
    List<String> seen = new ArrayList<>();
    history.forEach(
        new CommitHistory.Visitor() {
          @Override
          public void commit(Commit commit) {
            seen.add(commit.instant() + " " + commit.progress().counter("n"));
          }

          @Override
          public void foreign(String instant) {
            seen.add("foreign " + instant);
          }
        });
    return seen;
  }
}
