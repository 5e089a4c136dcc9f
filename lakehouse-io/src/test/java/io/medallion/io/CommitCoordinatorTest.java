package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitCoordinatorTest {
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
  void aCompleteCheckpointIsOneCommitWithItsProgress() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.write(1, "b", 2);
      writers.report(7, 2);

      // When
      writers.checkpoint(7);

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2");
      assertThat(CommitLog.active(warehouse, TABLE)).hasSize(1);
      Commit commit = CommitLog.latest(warehouse, TABLE).orElseThrow();
      assertThat(commit.checkpointId()).isEqualTo(7);
      assertThat(commit.pipeline()).isEqualTo("numbers");
      assertThat(commit.progress())
          .isEqualTo(
              new Progress(Map.of("t-0", new Span(0, 2)), Map.of("input", 2L), Map.of(), 2, 20));
      assertThat(commit.instant()).isEqualTo(completed().get(0));
    }
  }

  @Test
  void writersGoOnWithANewInstantAfterACommit() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // When
      writers.write(0, "a", 1);
      writers.checkpoint(1);
      writers.write(0, "b", 2);
      writers.write(1, "c", 3);
      writers.checkpoint(2);

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2", "c all 3");
      assertThat(CommitLog.active(warehouse, TABLE))
          .extracting(Commit::checkpointId)
          .containsExactly(1L, 2L);
      assertThat(pending()).hasSize(1).doesNotContainAnyElementsOf(completed());
    }
  }

  @Test
  void aWriterWaitsWithItsNextRowUntilItsCheckpointIsCommitted() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 1).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.flush(0, 1);

      // When
      CompletableFuture<Void> next =
          CompletableFuture.runAsync(
              () -> assertThatCode(() -> writers.write(0, "b", 2)).doesNotThrowAnyException());
      writers.complete(1);
      next.get(20, TimeUnit.SECONDS);
      writers.checkpoint(2);

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2");
      assertThat(completed()).hasSize(2);
    }
  }

  @Test
  void aWriterThatGetsNoInstantSaysWhoseLogTellsWhy() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 1, Duration.ofMillis(100)).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.flush(0, 1);

      // When the checkpoint does not complete, then
      assertThatThrownBy(() -> writers.write(0, "b", 2))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "No instant to write within 100 ms after checkpoint 1: the JobManager did not commit it; its log says why.");
    }
  }

  @Test
  void nothingIsCommittedWhenNothingWasWrittenAndNoCounterMoved() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.report(1, 1);
      writers.checkpoint(1);
      List<String> committed = completed();
      List<String> open = pending();

      // When
      writers.report(2, 1);
      writers.checkpoint(2);

      // Then
      assertThat(completed()).hasSize(1).isEqualTo(committed);
      assertThat(pending()).hasSize(1).isEqualTo(open);
    }
  }

  @Test
  void writersGoOnWithTheSameInstantAfterACheckpointWithoutRows() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.checkpoint(1);
      List<String> open = pending();

      // When
      writers.write(1, "a", 1);
      writers.checkpoint(2);

      // Then
      assertThat(rows()).containsExactly("a all 1");
      assertThat(completed()).hasSize(1).isEqualTo(open);
    }
  }

  @Test
  void countersThatMovedAreCommittedWithoutRows() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.report(1, 1);
      writers.checkpoint(1);

      // When
      writers.report(2, 5);
      writers.checkpoint(2);

      // Then
      assertThat(completed()).hasSize(2);
      Commit commit = CommitLog.latest(warehouse, TABLE).orElseThrow();
      assertThat(commit.checkpointId()).isEqualTo(2);
      assertThat(commit.progress())
          .isEqualTo(
              new Progress(Map.of("t-0", new Span(0, 5)), Map.of("input", 5L), Map.of(), 5, 50));
      assertThat(rows()).containsExactly("a all 1");
    }
  }

  @Test
  void whatAFailedAttemptFlushedIsNotCommitted() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.write(1, "b", 2);
      List<OperatorSubtaskState> first = writers.checkpoint(1);
      writers.write(0, "c", 3);
      writers.write(1, "d", 4);
      writers.flush(0, 2);
      writers.flush(1, 2);
      List<String> abandoned = pending();

      // When: the checkpoint never completes
      writers.restart(TABLE, 1, each(first));
      writers.write(0, "c", 3);
      writers.write(1, "d", 4);
      writers.checkpoint(3);

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2", "c all 3", "d all 4");
      assertThat(filesOfLastCommit()).hasSize(2).allSatisfy(file -> assertThat(file).exists());
      assertThat(completed()).hasSize(2).doesNotContainAnyElementsOf(abandoned);
      assertThat(pending()).hasSize(1).doesNotContainAnyElementsOf(abandoned);
    }
  }

  @Test
  void aCheckpointThatCompletesWhileAWriterFailsIsCommittedAfterTheRestart() throws Exception {
    try (Writers writers = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Given
      writers.write(0, "a", 1);
      writers.write(1, "b", 2);
      List<OperatorSubtaskState> states = List.of(writers.flush(0, 1), writers.flush(1, 1));
      writers.report(1, 2);
      List<String> instant = pending();
      writers.fail(1);
      writers.complete(1);
      assertThat(completed()).isEmpty();

      // When
      writers.restart(TABLE, 1, each(states));

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2");
      assertThat(completed()).hasSize(1).isEqualTo(instant);
      Commit commit = CommitLog.latest(warehouse, TABLE).orElseThrow();
      assertThat(commit.checkpointId()).isEqualTo(1);
      assertThat(commit.progress().counters()).isEqualTo(Map.of("input", 2L));
    }
  }

  @Test
  void aNewJobManagerCommitsTheRestoredInstantOnce() throws Exception {
    // Given
    List<OperatorSubtaskState> states;
    List<String> instant;
    try (Writers first = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      first.write(0, "a", 1);
      first.write(1, "b", 2);
      states = List.of(first.flush(0, 1), first.flush(1, 1));
      instant = pending();
    }

    // When
    try (Writers second = new Writers(warehouse, TABLE, 2).restart(TABLE, 1, each(states))) {
      second.write(0, "c", 3);
      second.flush(0, 2);
    }
    try (Writers third = new Writers(warehouse, TABLE, 2).restart(TABLE, 1, each(states))) {
      third.write(0, "c", 3);
      third.checkpoint(3);
    }

    // Then
    assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2", "c all 3");
    assertThat(completed()).hasSize(2).startsWith(instant.get(0));
  }

  @Test
  void aWriterThatGetsTheStatesOfTwoCommitsTheFilesOfBoth() throws Exception {
    // Given
    List<OperatorSubtaskState> states;
    try (Writers two = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      two.write(0, "a", 1);
      two.write(1, "b", 2);
      states = List.of(two.flush(0, 1), two.flush(1, 1));
    }

    // When
    try (Writers one = new Writers(warehouse, TABLE, 1).restart(TABLE, 1, List.of(states))) {
      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2");
      assertThat(completed()).hasSize(1);

      // When
      one.write(0, "c", 3);
      one.checkpoint(2);

      // Then
      assertThat(rows()).containsExactlyInAnyOrder("a all 1", "b all 2", "c all 3");
    }
  }

  @Test
  void theInstantOfAnAttemptWithoutACheckpointIsRolledBack() throws Exception {
    // Given
    List<String> abandoned;
    try (Writers first = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      first.write(0, "a", 1);
      first.flush(0, 1);
      abandoned = pending();
    }

    // When
    try (Writers second = new Writers(warehouse, TABLE, 2).start(TABLE)) {
      // Then
      assertThat(pending()).hasSize(1).doesNotContainAnyElementsOf(abandoned);
      assertThat(rolledBack()).hasSize(1);

      // When
      second.write(0, "a", 1);
      second.checkpoint(1);

      // Then
      assertThat(rows()).containsExactly("a all 1");
    }
  }

  private static List<List<OperatorSubtaskState>> each(List<OperatorSubtaskState> states) {
    return states.stream().map(List::of).toList();
  }

  private List<String> rows() throws Exception {
    return ReadTable.rows(warehouse, "SELECT id, half, number FROM lake." + TABLE.qualifiedName());
  }

  /** What the last commit names: followers of the table open exactly these files. */
  private List<Path> filesOfLastCommit() throws Exception {
    HoodieTimeline commits =
        metaClient().getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    return HoodieCommitMetadata.fromBytes(
            commits.getInstantDetails(commits.lastInstant().get()).get(),
            HoodieCommitMetadata.class)
        .getWriteStats()
        .stream()
        .map(file -> Path.of(URI.create(TABLE.path(warehouse))).resolve(file.getPath()))
        .toList();
  }

  private List<String> completed() {
    return metaClient()
        .getActiveTimeline()
        .getCommitsTimeline()
        .filterCompletedInstants()
        .getInstantsAsStream()
        .map(HoodieInstant::getTimestamp)
        .toList();
  }

  private List<String> pending() {
    return metaClient()
        .getActiveTimeline()
        .filterPendingExcludingCompaction()
        .getInstantsAsStream()
        .map(HoodieInstant::getTimestamp)
        .toList();
  }

  private List<String> rolledBack() {
    return metaClient()
        .getActiveTimeline()
        .getRollbackTimeline()
        .filterCompletedInstants()
        .getInstantsAsStream()
        .map(HoodieInstant::getTimestamp)
        .toList();
  }

  private HoodieTableMetaClient metaClient() {
    return HoodieTableMetaClient.builder()
        .setConf(HudiTable.hadoop())
        .setBasePath(TABLE.path(warehouse))
        .build();
  }
}
