package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.FromKafka.Snapshot;
import io.medallion.io.Writers.Checkpoint;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.types.RowKind;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.table.HoodieFlinkTable;
import org.apache.hudi.util.FlinkWriteClients;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommitCoordinatorTest {
  @TempDir Path folder;
  private String warehouse;
  private TableOnDisk table;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
    table = new TableOnDisk(warehouse, Numbers.BRONZE);
  }

  @Test
  void aCompleteCheckpointIsOneCommitWithItsProgress() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.read(1);
      job.read(1);
      job.writers().report(new Progress(Map.of(), Map.of("rows", 3L), Map.of(), 10, 20));

      // When
      job.checkpoint(7);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 1 0", "t 1 1");
      assertThat(table.commits()).hasSize(1);
      Commit commit = table.latest();
      assertThat(commit.checkpointId()).isEqualTo(7);
      assertThat(commit.pipeline()).isEqualTo("numbers");
      assertThat(commit.job()).isEqualTo("a");
      assertThat(commit.progress())
          .isEqualTo(
              new Progress(
                  Map.of("t-0", new Span(0, 1), "t-1", new Span(0, 2)),
                  Map.of("rows", 3L),
                  Map.of(),
                  10,
                  20));
      assertThat(table.completed()).containsExactly(commit.instant());
      assertThat(table.pending()).isEmpty();
    }
  }

  @Test
  void aTaskHearsOfTheNewestCommitWhenItsCheckpointIsSettled() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given
      CommitLine line = new CommitLine(job.writers().task(1, 0), "bronze.numbers", 0);
      job.read(0);
      job.writers().report(new Progress(Map.of(), Map.of(), Map.of(), 10, 20));
      job.flush(1);
      CompletableFuture<LastCommit> asked = line.lastCommit(1);
      assertThat(asked).isNotDone();
      long before = System.currentTimeMillis();

      // When
      job.complete(1);

      // Then
      assertThat(asked.get().newestEvent()).isEqualTo(20);
      assertThat(asked.get().visibleAt()).isBetween(before, System.currentTimeMillis());
      assertThat(asked.get().durationMs()).isPositive();

      // When an older event is all that comes, and then nothing
      job.read(0);
      job.writers().report(new Progress(Map.of(), Map.of(), Map.of(), 5, 15));
      job.checkpoint(2);
      LastCommit second = line.lastCommit(2).get();
      job.checkpoint(3);

      // Then
      assertThat(second.newestEvent()).isEqualTo(20);
      assertThat(line.lastCommit(3).get()).isEqualTo(second);
    }
  }

  @Test
  void writersGoOnWithANewInstantWhileTheLastOneIsPending() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.flush(1);

      // When
      job.read(0);
      job.read(1);

      // Then
      assertThat(table.pending()).hasSize(2);
      assertThat(table.rows()).isEmpty();

      // When
      job.complete(1);
      job.checkpoint(2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L);
      assertThat(table.pending()).isEmpty();
    }
  }

  @Test
  void anotherVersionOfTheTableBeginsAnewAlsoFromItsFirstCheckpoint() throws Exception {
    TableOnDisk silver = new TableOnDisk(warehouse, Numbers.SILVER);
    try (Writers before = new Writers(warehouse, Numbers.SILVER, "a").start(1)) {
      before.change(Numbers.row("a", 1));
      before.change(Numbers.row("b", 1));
      before.report(read(new Span(0, 20), 2));
      before.checkpoint(1);
    }
    Checkpoint first;
    try (Writers next = nextVersion("b").start(1)) {
      // Given
      assertThat(new CommitLine(next.task(1, 0), "silver.numbers", next.patienceMs()).join())
          .isEmpty();
      next.change(Numbers.row("a", 2));
      next.change(Numbers.change(RowKind.DELETE, "b", 1));
      next.report(read(new Span(0, 10), 1));

      // When its first checkpoint is complete and the JobManager dies before the commit
      first = next.flush(1);
    }
    assertThat(silver.latest().version()).isEqualTo(1);
    try (Writers next = nextVersion("b").restore(first, 1)) {
      // Then
      assertThat(silver.latest().version()).isEqualTo(2);
      assertThat(silver.latest().progress()).isEqualTo(read(new Span(0, 10), 1));
      assertThat(silver.rows()).containsExactly("a all 2");
      assertThat(new CommitLine(next.task(1, 0), "silver.numbers", next.patienceMs()).join())
          .isEqualTo(Map.of("bronze.numbers", 10L));

      // When
      next.change(Numbers.row("c", 1));
      next.report(read(new Span(10, 30), 1));
      next.checkpoint(2);

      // Then
      assertThat(silver.latest().progress()).isEqualTo(read(new Span(10, 30), 2));
      assertThat(silver.rows()).containsExactly("a all 2", "c all 1");
    }
  }

  private Writers nextVersion(String job) {
    return new Writers(
        warehouse,
        Numbers.SILVER,
        job,
        Writers.PATIENCE,
        Writers.HUDI,
        Map.of(CommitLog.VERSION, "2"));
  }

  private static Progress read(Span bronze, long rows) {
    return new Progress(
        Map.of("bronze.numbers", bronze),
        Map.of("rows", rows),
        Map.of(),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }

  @Test
  void nothingIsCommittedWhenNothingWasReadAndNothingCounted() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.checkpoint(1);
      List<String> committed = table.completed();

      // When
      job.checkpoint(2);
      job.checkpoint(3);

      // Then
      assertThat(table.completed()).hasSize(1).isEqualTo(committed);
      assertThat(table.pending()).isEmpty();
    }
  }

  @Test
  void countersAreCommittedWithoutRows() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.writers().report(counted(1));
      job.checkpoint(1);

      // When
      job.writers().report(counted(4));
      job.checkpoint(2);

      // Then
      assertThat(table.completed()).hasSize(2);
      assertThat(table.latest().checkpointId()).isEqualTo(2);
      assertThat(table.latest().progress())
          .isEqualTo(
              new Progress(
                  Map.of("t-0", new Span(1, 1)),
                  Map.of("rows", 5L),
                  Map.of(),
                  Progress.NO_EVENT_TIME,
                  Progress.NO_EVENT_TIME));
      assertThat(table.rows()).containsExactly("t 0 0");
    }
  }

  @Test
  void anEpochWithoutRowsIsNotCommittedBehindTheNextOneThatHasBegunToBeWritten() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      // Given an epoch that has read but written nothing, and a first row of the next one
      writers.report(read(0, 0, 10));
      writers.flush(1);
      writers.report(read(0, 10, 11));
      writers.write(0, Numbers.record(0, 10));

      // When
      writers.complete(1);
      writers.checkpoint(2);

      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L);
      assertThat(table.latest().progress().nextByInput()).isEqualTo(Map.of("t-0", 11L));
    }
  }

  @Test
  void twoRestoredEpochsOfWhichTheFirstHasNoRowsAreOneCommit() throws Exception {
    // Given a savepoint, which nobody commits, and a checkpoint after it
    Checkpoint both;
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      writers.report(read(0, 0, 10));
      writers.flush(1);
      writers.report(read(0, 10, 11));
      writers.write(0, Numbers.record(0, 10));
      both = writers.flush(2);
    }

    // When
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").restore(both, 1)) {
      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(2L);
      assertThat(table.latest().progress().position()).isEqualTo(Map.of("t-0", new Span(0, 11)));
      assertThat(table.rows()).containsExactly("t 0 10");

      // When
      writers.report(read(0, 11, 12));
      writers.write(0, Numbers.record(0, 11));
      writers.checkpoint(3);

      // Then
      assertThat(table.latest().progress().nextByInput()).isEqualTo(Map.of("t-0", 12L));
    }
  }

  @Test
  void aWriterThatBeginsLateWritesUnderAnOlderInstantThanOneThatIsAhead() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.checkpoint(1);

      // When task 0 is past the barrier and task 1 not yet
      job.begin(2);
      job.barrier(0, 2);
      job.read(0);
      job.read(1);
      job.barrier(1, 2);
      job.collect(2);
      job.read(1);
      job.complete(2);
      job.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 1 0", "t 1 1");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(2L, 3L);
      assertThat(table.commits())
          .extracting(commit -> commit.progress().position())
          .containsExactly(
              Map.of("t-1", new Span(0, 1)), Map.of("t-0", new Span(0, 1), "t-1", new Span(1, 2)));
    }
  }

  @Test
  void whatAFailedAttemptFlushedIsNotCommitted() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.read(1);
      Snapshot first = job.checkpoint(1);
      job.read(0);
      job.read(1);
      job.flush(2);
      List<String> abandoned = table.pending();

      // When: the checkpoint never completes
      job.restore(first, 2);
      job.read(0);
      job.read(1);
      job.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0", "t 1 1");
      assertThat(abandoned).hasSize(1);
      assertThat(table.completed()).hasSize(2).doesNotContainAnyElementsOf(abandoned);
      assertThat(table.rolledBack()).hasSize(1);
      assertThat(table.pending()).isEmpty();
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(4);
    }
  }

  @Test
  void anEpochOfAFormerAttemptThatArrivesLateIsNotCommitted() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      // Given
      writers.restore(Checkpoint.NONE, 1);

      // When
      Epoch late = new Epoch(1, new TreeMap<>(), read(0, 0, 10));
      writers
          .jobManager()
          .coordinator()
          .handleEventFromOperator(0, 0, new CollectCommits.Flushed(late));
      writers.complete(1);

      // Then
      assertThat(table.completed()).isEmpty();
    }
  }

  @Test
  void theFailureOfAFormerAttemptThatIsToldLateStopsNobody() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given
      job.restore(Snapshot.NONE, 1);

      // When
      job.writers()
          .jobManager()
          .coordinator()
          .executionAttemptFailed(0, 0, new IllegalStateException("Told late"));
      job.read(0);
      job.checkpoint(1);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0");
    }
  }

  @Test
  void aCheckpointThatCompletesWhileTheTasksFailIsCommittedAfterTheRestart() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.read(1);
      Snapshot first = job.flush(1);
      List<String> instant = table.pending();
      job.fail();
      job.complete(1);
      assertThat(table.completed()).isEmpty();

      // When
      job.restore(first, 2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 1 0");
      assertThat(table.completed()).hasSize(1).isEqualTo(instant);
      assertThat(table.latest().checkpointId()).isEqualTo(1);
    }
  }

  @Test
  void aNewJobManagerCommitsTheRestoredInstantOnce() throws Exception {
    // Given
    Snapshot first;
    List<String> instant;
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      job.read(0);
      job.read(1);
      first = job.flush(1);
      instant = table.pending();
    }

    // When
    try (FromKafka job = new FromKafka(warehouse, "a").restore(first, 2)) {
      job.read(0);
      job.flush(2);
    }
    try (FromKafka job = new FromKafka(warehouse, "a").restore(first, 2)) {
      job.read(0);
      job.checkpoint(3);
    }

    // Then
    assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0");
    assertThat(table.completed()).hasSize(2).startsWith(instant.get(0));
    assertThat(table.files()).isEqualTo(table.committedFiles());
  }

  @Test
  void fewerOrMoreTasksCommitWhatTheOthersHaveFlushed() throws Exception {
    // Given
    Snapshot two;
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      job.read(0);
      job.read(1);
      two = job.flush(1);
    }

    // When
    Snapshot one;
    try (FromKafka job = new FromKafka(warehouse, "a").restore(two, 1)) {
      job.read(0);
      job.read(1);
      one = job.flush(2);
    }
    try (FromKafka job = new FromKafka(warehouse, "a").restore(one, 3)) {
      job.read(0);
      job.read(1);
      job.checkpoint(3);
    }

    // Then
    assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 0 2", "t 1 0", "t 1 1", "t 1 2");
    assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatATableHasIsDroppedWhenTheJobGoesBackToAnOlderCheckpoint() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      Snapshot first = job.checkpoint(1);
      job.read(0);
      job.read(1);
      job.checkpoint(2);

      // When
      job.restore(first, 2);
      job.read(0);
      job.read(0);
      job.read(1);
      job.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 0 2", "t 1 0");
      assertThat(table.latest().progress().position())
          .isEqualTo(Map.of("t-0", new Span(2, 3), "t-1", new Span(1, 1)));
    }
  }

  @Test
  void anEpochThatTheTableHasIsDroppedWithItsFiles() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      // Given
      writers.report(read(0, 0, 1));
      writers.write(0, Numbers.record(0, 0));
      writers.checkpoint(1);

      // When the same comes again, from an input that is not cut where the table stands
      writers.restore(Checkpoint.NONE, 1);
      writers.report(read(0, 0, 1));
      writers.write(0, Numbers.record(0, 0));
      writers.checkpoint(2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L);
      assertThat(table.pending()).isEmpty();
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(1);
    }
  }

  @Test
  void anEpochThatTheTableHasIsDroppedWhileTheNextOneIsWritten() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      // Given
      writers.report(read(0, 0, 1));
      writers.write(0, Numbers.record(0, 0));
      writers.checkpoint(1);

      // When
      writers.restore(Checkpoint.NONE, 1);
      writers.report(read(0, 0, 1));
      writers.write(0, Numbers.record(0, 0));
      writers.flush(2);
      writers.report(read(0, 1, 2));
      writers.write(0, Numbers.record(0, 1));
      writers.complete(2);
      writers.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 3L);
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(2);
    }
  }

  @Test
  void aRestoredEpochWithoutRowsIsCommittedWhileALaterInstantIsPending() throws Exception {
    // Given
    Checkpoint first;
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      writers.report(read(0, 0, 10));
      first = writers.flush(1);
      writers.write(0, Numbers.record(0, 10));
    }
    assertThat(table.pending()).hasSize(1);

    // When
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").restore(first, 1)) {
      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L);
      assertThat(table.pending()).isEmpty();
      assertThat(table.files()).isEmpty();
    }
  }

  @Test
  void aHoleStopsTheJobForGoodAndNamesBothPositions() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1)) {
      // Given
      writers.report(read(0, 0, 5));
      writers.checkpoint(1);

      // When
      writers.report(read(0, 7, 9));
      assertThatThrownBy(() -> writers.checkpoint(2)).isInstanceOf(AssertionError.class);

      // Then
      assertThat(writers.jobManager().failure().orElseThrow())
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(Continuation.GapException.class)
          .hasMessage(
              "Table bronze.numbers stands at {t-0=5}, but what comes begins later: {t-0=7..9}."
                  + " What lies between would be lost. Resume from a newer checkpoint, or start"
                  + " without one: the job goes on where the table stands.");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L);
    }
  }

  @Test
  void aSavepointInBetweenIsCommittedWithTheNextCheckpointAndBeforeIt() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.flush(1);
      job.read(0);
      job.read(1);

      // When
      job.checkpoint(2);

      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L);
      assertThat(table.commits())
          .extracting(commit -> commit.progress().position())
          .containsExactly(
              Map.of("t-0", new Span(0, 1)), Map.of("t-0", new Span(1, 2), "t-1", new Span(0, 1)));
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0");
    }
  }

  @Test
  void aJobThatGoesBackToASavepointBringsNothingTwice() throws Exception {
    // Given
    Snapshot savepoint;
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      job.read(0);
      savepoint = job.flush(1);
      job.read(0);
      job.checkpoint(2);
    }

    // When
    try (FromKafka job = new FromKafka(warehouse, "b").restore(savepoint, 2)) {
      job.read(0);
      job.read(0);
      job.checkpoint(2);
    }

    // Then
    assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 0 2");
    assertThat(table.commits()).extracting(Commit::job).containsExactly("a", "a", "b");
  }

  @Test
  void aNotificationThatIsLateChangesNothing() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.flush(1);
      job.read(0);
      job.checkpoint(2);

      // When
      job.complete(1);
      job.read(0);
      job.checkpoint(3);

      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L, 3L);
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 0 2");
    }
  }

  @Test
  void anAbortedCheckpointThatOneWriterHasFlushedForIsCommittedWithTheNextOne() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.read(1);
      job.begin(1);
      job.barrier(0, 1);
      job.read(0);
      job.read(1);

      // When
      job.checkpoint(2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0", "t 1 1");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(2L, 2L);
      assertThat(table.latest().progress().position())
          .isEqualTo(Map.of("t-0", new Span(0, 2), "t-1", new Span(0, 2)));
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(3);
    }
  }

  @Test
  void anEpochOfTwoInstantsIsFinishedEvenByAJobThatKnowsNothingOfIt() throws Exception {
    // Given a JobManager that dies between the two commits of an epoch
    try (FromKafka job =
        new FromKafka(
            warehouse,
            new Writers(
                warehouse,
                Numbers.BRONZE,
                "a",
                Duration.ofSeconds(20),
                conf -> new DiesAfterFirstCommit(conf),
                Map.of()))) {
      job.start(2);
      job.read(0);
      job.read(1);
      job.begin(1);
      job.barrier(0, 1);
      job.read(0);
      job.read(1);
      assertThatThrownBy(() -> job.checkpoint(2))
          .hasRootCauseMessage("Planned death of the JobManager");
      assertThat(table.completed()).hasSize(1);
      assertThat(table.pending()).hasSize(1);
      assertThat(CommitLog.snapshot(warehouse, Numbers.BRONZE)).isEmpty();
    }

    // When
    try (FromKafka job = new FromKafka(warehouse, "b").start(2)) {
      // Then
      assertThat(CommitLog.snapshot(warehouse, Numbers.BRONZE))
          .contains(new TableSnapshot(table.latest().instant(), Map.of("t-0", 2L, "t-1", 2L)));
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0", "t 1 1");
      assertThat(table.latest().progress().position())
          .isEqualTo(Map.of("t-0", new Span(0, 2), "t-1", new Span(0, 2)));

      // When the source begins before what was finished
      assertThat(job.next(0)).isEqualTo(0);
      for (int again = 0; again < 3; again++) {
        job.read(0);
        job.read(1);
      }
      job.checkpoint(1);

      // Then
      assertThat(table.rows())
          .containsExactly("t 0 0", "t 0 1", "t 0 2", "t 1 0", "t 1 1", "t 1 2");
    }
  }

  @Test
  void aJobWithoutACheckpointGoesOnWhereTheTableStands() throws Exception {
    // Given
    List<String> abandoned;
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      job.read(0);
      job.checkpoint(1);
      job.read(0);
      job.flush(2);
      abandoned = table.pending();
    }

    // When
    try (FromKafka job = new FromKafka(warehouse, "b").start(2)) {
      // Then
      assertThat(job.next(0)).isEqualTo(1);
      assertThat(table.pending()).isEmpty();
      assertThat(table.rolledBack()).hasSize(1);

      // When
      job.read(0);
      job.checkpoint(1);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1");
      assertThat(table.completed()).doesNotContainAnyElementsOf(abandoned);
      assertThat(table.files()).isEqualTo(table.committedFiles());
    }
  }

  @Test
  void aJobManagerThatHasBeenReplacedCommitsAndOpensNothing() throws Exception {
    try (FromKafka zombie = new FromKafka(warehouse, "a").start(2)) {
      // Given
      zombie.read(0);
      Snapshot first = zombie.flush(1);

      // When
      try (FromKafka next = new FromKafka(warehouse, "a").restore(first, 2)) {
        next.read(0);
        List<String> pending = table.pending();
        assertThatThrownBy(() -> zombie.complete(1)).isInstanceOf(AssertionError.class);

        // Then
        assertThat(zombie.writers().jobManager().failure().orElseThrow())
            .isInstanceOf(SuppressRestartsException.class)
            .cause()
            .hasMessage(
                "Table bronze.numbers is now written by job 'job a' (a); this one has been replaced and commits nothing more.");
        assertThat(table.commits()).hasSize(1);
        assertThat(table.pending()).isEqualTo(pending).hasSize(1);

        // When
        next.checkpoint(2);

        // Then
        assertThat(table.rows()).containsExactly("t 0 0", "t 0 1");
      }

      // When the new one has left the table, then the old one is not the owner again
      assertThatThrownBy(() -> zombie.complete(1)).isInstanceOf(AssertionError.class);
      assertThat(table.commits()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aJobManagerThatStandsStillWhereItRemovesInstantsLeavesThoseOfItsSuccessor(Standstill where)
      throws Exception {
    Meanwhile meanwhile = new Meanwhile();
    AtomicReference<FromKafka> next = new AtomicReference<>();
    try (FromKafka zombie =
        new FromKafka(
            warehouse,
            new Writers(
                warehouse,
                Numbers.BRONZE,
                "a",
                Duration.ofSeconds(20),
                conf -> new StandsStill(conf, where, meanwhile),
                Map.of()))) {
      // Given a commit that is done, and an instant to be removed behind it
      zombie.start(1);
      try (TableTimeline stranger = new TableTimeline(conf(), Clock.systemUTC())) {
        stranger.open(stranger.next());
      }
      zombie.read(0);
      Snapshot first = zombie.flush(1);

      // When another JobManager takes over, and its writers have written, before the first goes on
      meanwhile.happens(
          () -> {
            next.set(new FromKafka(warehouse, "a").restore(first, 1));
            next.get().read(0);
            next.get().flush(2);
          });
      if (where == Standstill.BEFORE_PROOF) {
        assertThatThrownBy(() -> zombie.complete(1)).isInstanceOf(AssertionError.class);
      } else {
        zombie.complete(1);
      }
      assertThat(meanwhile.hasHappened()).isTrue();
      next.get().complete(2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1");
      assertThat(table.pending()).isEmpty();
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(2);
      next.get().close();
    }
  }

  @Test
  void aWriterOfAFormerAttemptLeavesNothingBehind() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given a writer that does not hear of the failure of its attempt
      job.read(0);
      Writers.Writer zombie = job.writers().leave().get(0);

      // When it begins a file after its instant has been rolled back
      job.restore(Snapshot.NONE, 1);
      zombie.write(GenericRowData.of(StringData.fromString("u"), 0, 0L));
      assertThatThrownBy(() -> zombie.barrier(1))
          .hasRootCauseInstanceOf(FileNotFoundException.class);
      zombie.close();
      assertThat(table.files()).hasSize(1);

      // Then
      job.read(0);
      job.checkpoint(2);
      assertThat(table.files()).isEqualTo(table.committedFiles()).hasSize(1);
      assertThat(table.rows()).containsExactly("t 0 0");
    }
  }

  @Test
  void aWriterOfAFormerAttemptGetsNoInstantAnyMore() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given
      job.read(0);
      Writers.Writer zombie = job.writers().leave().get(0);
      zombie.barrier(1);

      // When
      job.restore(Snapshot.NONE, 1);

      // Then
      assertThatThrownBy(() -> zombie.write(Numbers.record(0, 1)))
          .hasRootCauseMessage("A newer attempt of the job writes bronze.numbers");
      zombie.close();
    }
  }

  @Test
  void instantsIncreaseAlsoWhenTheClockHasJumpedBack() throws Exception {
    // Given
    try (FromKafka job = at("2031-01-01T00:00:00Z", "a").start(1)) {
      job.read(0);
      job.checkpoint(1);
      job.read(0);
      job.flush(2);
    }

    // When
    try (FromKafka job = at("2030-01-01T00:00:00Z", "a").start(1)) {
      job.read(0);
      job.checkpoint(2);
      job.read(0);
      job.checkpoint(3);
    }

    // Then
    assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 0 2");
    assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L, 3L);
    assertThat(table.completed()).allMatch(instant -> instant.startsWith("20310101"));
  }

  @Test
  void aRollbackThatDiedInTheMiddleIsFinished() throws Exception {
    // Given
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      job.read(0);
      job.read(1);
      job.flush(1);
    }
    beginRollback(table.pending().get(0));

    // When
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Then
      assertThat(table.pendingRollbacks()).isEmpty();
      assertThat(table.pending()).isEmpty();
      assertThat(table.files()).isEmpty();

      // When
      job.read(0);
      job.checkpoint(1);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0");
      assertThat(table.files()).isEqualTo(table.committedFiles());
    }
  }

  @Test
  void aRestoredInstantWhoseRollbackHasBegunIsNotCommitted() throws Exception {
    // Given
    Snapshot lost;
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      job.read(0);
      lost = job.flush(1);
    }
    beginRollback(table.pending().get(0));

    // When
    try (FromKafka job = new FromKafka(warehouse, "a")) {
      assertThatThrownBy(() -> job.restore(lost, 1)).isInstanceOf(AssertionError.class);
    }

    // Then
    assertThat(table.completed()).isEmpty();
    assertThat(table.pendingRollbacks()).isEmpty();
  }

  @Test
  void aRestoredInstantThatHasBeenRolledBackIsAnErrorThatSaysWhatToDo() throws Exception {
    // Given
    Snapshot lost;
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      job.read(0);
      lost = job.flush(1);
    }
    String instant = table.pending().get(0);
    try (FromKafka other = new FromKafka(warehouse, "a").start(1)) {
      assertThat(table.pending()).isEmpty();
    }

    // When
    try (FromKafka job = new FromKafka(warehouse, "a")) {
      assertThatThrownBy(() -> job.restore(lost, 1)).isInstanceOf(AssertionError.class);

      // Then
      assertThat(job.writers().jobManager().failure().orElseThrow())
          .rootCause()
          .hasMessage(
              "Instant %s of checkpoint 1, which goes on after {}, has been rolled back since: its rows are lost to bronze.numbers. Start the job without a checkpoint; it goes on where the table stands."
                  .formatted(instant));
    }
  }

  @Test
  void aPendingInstantOfAStrangerIsRemovedWithTheNextCommit() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given
      try (TableTimeline stranger = new TableTimeline(conf(), Clock.systemUTC())) {
        stranger.open(stranger.next());
      }
      job.read(0);

      // When
      job.checkpoint(1);

      // Then
      assertThat(table.pending()).isEmpty();
      assertThat(table.rows()).containsExactly("t 0 0");
    }
  }

  private void beginRollback(String instant) throws IOException {
    HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(conf());
    HoodieFlinkTable<?> hudi = client.getHoodieTable();
    hudi.scheduleRollback(
        client.getEngineContext(),
        "20300101000000000",
        hudi.getMetaClient()
            .getActiveTimeline()
            .filterInflights()
            .filter(each -> each.getTimestamp().equals(instant))
            .firstInstant()
            .get(),
        false,
        true,
        false);
    client.close();
    assertThat(table.pendingRollbacks()).containsExactly("20300101000000000");
  }

  private FromKafka at(String time, String job) throws Exception {
    Clock clock = Clock.fixed(Instant.parse(time), ZoneOffset.UTC);
    return new FromKafka(
        warehouse,
        new Writers(
            warehouse,
            Numbers.BRONZE,
            job,
            Duration.ofSeconds(20),
            conf -> new TableTimeline(conf, clock),
            Map.of()));
  }

  private Configuration conf() {
    return new HudiTable(Numbers.BRONZE, warehouse).writing(1, Duration.ofSeconds(20));
  }

  private static Progress counted(long rows) {
    return new Progress(
        Map.of(), Map.of("rows", rows), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }

  private static Progress read(int partition, long first, long next) {
    return new Progress(
        Map.of("t-" + partition, new Span(first, next)),
        Map.of(),
        Map.of(),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }

  private enum Standstill {
    BEFORE_PROOF,
    BEHIND_PROOF
  }

  /** What others do while a process stands still, once. */
  private static final class Meanwhile {
    private ThrowingRunnable what = () -> {};
    private boolean happened;

    void happens(ThrowingRunnable then) {
      what = then;
      happened = false;
    }

    boolean hasHappened() {
      return happened;
    }

    void happen() throws IOException {
      if (!happened) {
        happened = true;
        try {
          what.run();
        } catch (Exception failure) {
          throw new IOException(failure);
        }
      }
    }
  }

  @FunctionalInterface
  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  /** The process stands still before it removes instants, or the first of them. */
  private static final class StandsStill extends TableTimeline {
    private final Standstill where;
    private final Meanwhile meanwhile;

    StandsStill(Configuration conf, Standstill where, Meanwhile meanwhile) throws IOException {
      super(conf, Clock.systemUTC());
      this.where = where;
      this.meanwhile = meanwhile;
    }

    @Override
    void rollBackPending(Proof proof) throws IOException {
      if (where == Standstill.BEFORE_PROOF) {
        meanwhile.happen();
      }
      super.rollBackPending(proof);
    }

    @Override
    void rollBack(String instant) throws IOException {
      meanwhile.happen();
      super.rollBack(instant);
    }
  }

  /** The process ends once it has made its first commit. */
  private static final class DiesAfterFirstCommit extends TableTimeline {
    DiesAfterFirstCommit(Configuration conf) throws IOException {
      super(conf, Clock.systemUTC());
    }

    @Override
    void commit(String instant, List<WriteStatus> files, Map<String, String> carries) {
      super.commit(instant, files, carries);
      throw new IllegalStateException("Planned death of the JobManager");
    }
  }
}
