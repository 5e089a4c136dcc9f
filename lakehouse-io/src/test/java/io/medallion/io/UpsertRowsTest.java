package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.medallion.io.Writers.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.types.RowKind;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.configuration.FlinkOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpsertRowsTest {
  /** Every change is flushed at once. */
  private static final Map<String, String> UNBUFFERED =
      Map.of(FlinkOptions.WRITE_BATCH_SIZE.key(), "0.000001");

  /** For questions that get no answer. */
  private static final int SHORT_MS = 500;

  /** A compaction is due after two commits. */
  private static final Map<String, String> COMPACTED =
      Map.of(
          FlinkOptions.WRITE_BATCH_SIZE.key(),
          "0.000001",
          FlinkOptions.COMPACTION_DELTA_COMMITS.key(),
          "2");

  @TempDir Path folder;
  private String warehouse;
  private TableOnDisk table;
  private long read;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
    table = new TableOnDisk(warehouse, Numbers.SILVER);
  }

  @Test
  void aNewFileGroupIsContinuedWhileItsFirstEpochIsNotCommitted() throws Exception {
    try (Writers writers = writers(COMPACTED).start(2)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      change(writers, RowKind.INSERT, "b", 1);
      change(writers, RowKind.INSERT, "c", 1);
      writers.flush(1);

      // When
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      change(writers, RowKind.DELETE, "b", 1);
      writers.flush(2);
      writers.complete(2);

      // Then
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L);
      assertThat(fileGroups()).hasSizeLessThanOrEqualTo(2);
      assertThat(table.rows()).containsExactly("a all 2", "c all 1");

      // When
      assertThat(table.plannedCompactions()).hasSize(1);
      CompactTable.run(writers.conf(), table.plannedCompactions().get(0));

      // Then
      assertThat(table.rows()).containsExactly("a all 2", "c all 1");

      // When the writers go on with groups that have been compacted since
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      change(writers, RowKind.INSERT, "b", 4);
      writers.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("a all 3", "b all 4", "c all 1");
      assertThat(fileGroups()).hasSizeLessThanOrEqualTo(2);
    }
  }

  @Test
  void whatHadNotBeenCommittedIsReadAndContinuedByTheNextAttempt() throws Exception {
    // Given
    Checkpoint first;
    try (Writers writers = writers(UNBUFFERED).start(2)) {
      change(writers, RowKind.INSERT, "a", 1);
      change(writers, RowKind.INSERT, "b", 1);
      first = writers.flush(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 9);
    }

    // When
    read = 2;
    try (Writers writers = writers(UNBUFFERED).restore(first, 1)) {
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.checkpoint(2);
    }

    // Then
    assertThat(table.rows()).containsExactly("a all 2", "b all 1");
    assertThat(fileGroups()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void severalFlushesUnderOneInstantAreRemovedWithIt() throws Exception {
    try (Writers writers = writers(UNBUFFERED).start(2)) {
      // Given
      for (long number = 0; number < 5; number++) {
        change(writers, RowKind.INSERT, "a", number);
      }
      writers.flush(1);
      assertThat(table.files()).isNotEmpty();

      // When
      writers.restore(Checkpoint.NONE, 2);

      // Then
      assertThat(table.files()).isEmpty();
      assertThat(table.rolledBack()).hasSize(1);

      // When
      read = 0;
      change(writers, RowKind.INSERT, "a", 7);
      writers.checkpoint(2);

      // Then
      assertThat(table.rows()).containsExactly("a all 7");
    }
  }

  @Test
  void severalFlushesIntoAnExistingFileGroupAreNotReadOnceTheyAreRolledBack() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      Checkpoint first = writers.checkpoint(1);
      for (long number = 2; number < 6; number++) {
        change(writers, RowKind.UPDATE_AFTER, "a", number);
      }
      writers.flush(2);

      // When
      writers.restore(first, 1);

      // Then
      assertThat(table.rows()).containsExactly("a all 1");

      // When
      read = 1;
      change(writers, RowKind.UPDATE_AFTER, "a", 8);
      writers.checkpoint(3);

      // Then
      assertThat(table.rows()).containsExactly("a all 8");

      // When
      CompactTable.run(writers.conf(), table.plannedCompactions().get(0));

      // Then
      assertThat(table.rows()).containsExactly("a all 8");
    }
  }

  @Test
  void aCompactionIsPlannedOnlyWhenNothingIsWritten() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given two commits, and a third one that is being written
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.flush(2);
      writers.begin(3);
      change(writers, RowKind.UPDATE_AFTER, "a", 3);

      // When
      writers.complete(2);

      // Then
      assertThat(table.completed()).hasSize(2);
      assertThat(table.plannedCompactions()).isEmpty();

      // When
      writers.barrier(0, 3);
      writers.collect(3);
      writers.complete(3);

      // Then
      assertThat(table.plannedCompactions()).hasSize(1);

      // When
      change(writers, RowKind.UPDATE_AFTER, "a", 4);
      writers.checkpoint(4);
      CompactTable.run(writers.conf(), table.plannedCompactions().get(0));

      // Then
      assertThat(table.rows()).containsExactly("a all 4");
    }
  }

  /** Found by {@code medallion chaos --seed 31}: failing file-system calls cost committed rows. */
  @Test
  void aRestartTakesNothingThatWasCommittedSinceACompactionWhoseRollbackIsUnfinished()
      throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.checkpoint(2);
      String compaction = table.plannedCompactions().get(0);
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      Checkpoint last = writers.checkpoint(3);
      CompactTable.dieInItsRollback(writers.conf(), compaction);

      // When
      writers.restore(last, 1);
      change(writers, RowKind.INSERT, "c", 4);
      writers.checkpoint(4);

      // Then
      assertThat(table.rows()).containsExactly("a all 3", "c all 4");

      // When
      try (OneInputStreamOperatorTestHarness<Object, Object> compactions = compactions(writers)) {
        compactions.open();
        compactions.notifyOfCompletedCheckpoint(4);
        await().until(() -> table.plannedCompactions().isEmpty());
      }

      // Then
      writers.jobManager().check();
      assertThat(table.committedFiles()).anyMatch(file -> file.endsWith(compaction + ".parquet"));
      assertThat(table.rows()).containsExactly("a all 3", "c all 4");
    }
  }

  @Test
  void morePartitionsThanAnybodyCanListAreRefusedBeforeTheyAreCommitted() throws Exception {
    try (Writers writers = writers(Map.of(LimitPartitions.MOST.key(), "10")).start(1)) {
      // When
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  writers.change(
                      GenericRowData.of(
                          StringData.fromString("key" + i), StringData.fromString("p" + i), 1L));
                }
              })
          // Then
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "Table numbers would get more than 10 partitions at once, among them 'half=p10'. Partition it by a column with fewer values (partition-by), or by none. The events of this checkpoint are not committed.");
      assertThat(table.commits()).isEmpty();
    }
  }

  /** A reader stops where a log holds an instant that is later than the one it reads up to. */
  @Test
  void whatIsWrittenAfterADroppedEpochIsReadAlsoWhereItsInstantWasOpenBefore() throws Exception {
    try (Writers writers = writers(UNBUFFERED).start(1)) {
      // Given a job that goes on from an older checkpoint, so that its first epoch is dropped
      change(writers, RowKind.INSERT, "a", 1);
      Checkpoint older = writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.checkpoint(2);
      writers.restore(older, 1);
      read = 1;
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.flush(3);

      // When the next epoch is written before and after that
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      writers.complete(3);
      change(writers, RowKind.UPDATE_AFTER, "a", 4);
      writers.checkpoint(4);

      // Then
      assertThat(table.rows()).containsExactly("a all 4");
    }
  }

  @Test
  void whatIsCommittedInTheLastMillisecondOfASecondIsReadWhileALaterInstantIsOpen()
      throws Exception {
    // Given
    Clock clock = Clock.fixed(Instant.parse("2030-01-01T00:00:00.999Z"), ZoneOffset.UTC);
    try (Writers writers =
        new Writers(
                warehouse,
                Numbers.SILVER,
                "a",
                Writers.PATIENCE,
                conf -> new TableTimeline(conf, clock),
                UNBUFFERED)
            .start(1)) {
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);

      // When
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.flush(2);

      // Then
      assertThat(table.pending()).hasSize(1);
      assertThat(table.rows()).containsExactly("a all 1");
    }
  }

  @Test
  void aPlannedCompactionIsRunAndCommitted() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      String compaction = planCompaction(writers);
      Set<String> logs = table.files();

      // When
      try (OneInputStreamOperatorTestHarness<Object, Object> compactions = compactions(writers)) {
        compactions.open();
        compactions.notifyOfCompletedCheckpoint(2);
        await().until(() -> table.plannedCompactions().isEmpty());
      }

      // Then
      writers.jobManager().check();
      Set<String> written = new TreeSet<>(table.files());
      written.removeAll(logs);
      assertThat(written).hasSize(1).allMatch(file -> file.endsWith(compaction + ".parquet"));
      assertThat(table.committedFiles()).containsAll(written);
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  @Test
  void aCompactionIsCommittedOnceHoweverOftenThatIsAskedFor() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      String compaction = planCompaction(writers);
      byte[] files = CommitPart.serialize(CompactTable.write(writers.conf(), compaction));
      CommitLine line = line(writers);
      line.join();

      // When
      line.commitCompaction(compaction, files);
      line.commitCompaction(compaction, files);

      // Then
      writers.jobManager().check();
      assertThat(table.plannedCompactions()).isEmpty();
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  @Test
  void aCompactionOfAFormerAttemptIsNotCommitted() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given an attempt that has written a compaction and is frozen before it says so
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      Checkpoint last = writers.checkpoint(2);
      String compaction = table.plannedCompactions().get(0);
      CommitLine zombie = line(writers);
      zombie.join();
      byte[] files = CommitPart.serialize(CompactTable.write(writers.conf(), compaction));

      // When
      writers.restore(last, 1);

      // Then
      assertThatThrownBy(() -> zombie.commitCompaction(compaction, files))
          .hasRootCauseMessage("A newer attempt of the job writes silver.numbers");
      assertThat(table.plannedCompactions()).containsExactly(compaction);
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  @Test
  void whatAFormerAttemptCompactsAfterItsCompactionWasCommittedIsRemoved() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      String compaction = planCompaction(writers);
      List<WriteStatus> files = CompactTable.write(writers.conf(), compaction);
      CommitLine line = line(writers);
      line.join();
      line.commitCompaction(compaction, CommitPart.serialize(files));
      Set<String> before = table.files();

      // When
      CompactTable.writeAgain(writers.conf(), compaction, files.get(0));
      assertThat(table.files()).hasSize(before.size() + 1);
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      writers.checkpoint(3);

      // Then
      assertThat(table.files()).containsAll(before).isEqualTo(table.committedFiles());
      assertThat(table.rows()).containsExactly("a all 3");
    }
  }

  @Test
  void aWriterWaitsAMomentForACompactionThatIsDue() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.flush(2);

      // When
      FutureTask<Void> next =
          new FutureTask<>(
              () -> {
                change(writers, RowKind.UPDATE_AFTER, "a", 3);
                return null;
              });
      Thread writer = new Thread(next);
      writer.start();
      await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
      assertThat(table.pending()).hasSize(1);
      writers.complete(2);
      next.get();

      // Then
      assertThat(table.plannedCompactions()).hasSize(1);
      assertThat(table.pending()).hasSize(1);
      assertThat(table.plannedCompactions().get(0)).isLessThan(table.pending().get(0));
    }
  }

  @Test
  void aWriterDoesNotWaitForASavepointToBeCommittedBeforeTheNextCompaction() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given that a compaction is due as soon as nothing is written
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);

      // When nobody is told of the next checkpoint, and the one after it has begun
      writers.flush(2);
      writers.begin(3);
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      writers.barrier(0, 3);
      writers.collect(3);
      writers.complete(3);

      // Then
      assertThat(table.rows()).containsExactly("a all 3");
      assertThat(table.plannedCompactions()).hasSize(1);
    }
  }

  @Test
  void aCompactionWhoseFileIsGoneIsNotCommitted() throws Exception {
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given
      String compaction = planCompaction(writers);
      List<WriteStatus> written = CompactTable.write(writers.conf(), compaction);
      CommitLine line =
          new CommitLine(connected(writers), Numbers.SILVER.qualifiedName(), SHORT_MS);
      line.join();

      // When
      Path gone = table.folder().resolve(written.get(0).getStat().getPath());
      Files.delete(gone);
      assertThatThrownBy(() -> line.commitCompaction(compaction, CommitPart.serialize(written)));

      // Then
      assertThat(writers.jobManager().failure().orElseThrow())
          .hasRootCauseMessage(
              "Compaction %s has written file:%s, which is gone; it is begun again."
                  .formatted(compaction, gone));
      assertThat(table.plannedCompactions()).containsExactly(compaction);
      assertThat(table.rows()).containsExactly("a all 2");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aCompactionIsNotPlannedInATableThatIsTakenMeanwhile(int takenAtQuestion) throws Exception {
    try (Writers writers = writers(Map.of()).start(1)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.checkpoint(2);
      Configuration compacted = new Configuration(writers.conf());
      COMPACTED.forEach(compacted::setString);
      AtomicInteger questions = new AtomicInteger();
      TableTimeline.Proof proof =
          () -> {
            if (questions.incrementAndGet() == takenAtQuestion) {
              throw new TableOwner.TableTakenException("Taken");
            }
          };

      // When
      try (TableTimeline timeline = new TableTimeline(compacted, Clock.systemUTC())) {
        if (takenAtQuestion > 2) {
          timeline.planCompaction(proof);
        } else {
          assertThatThrownBy(() -> timeline.planCompaction(proof)).hasMessage("Taken");
        }
      }

      // Then it is, unless somebody took the table before it was there
      assertThat(table.plannedCompactions()).hasSize(takenAtQuestion > 2 ? 1 : 0);
    }
  }

  @Test
  void aPlanThatASuccessorWritesBehindStays() throws Exception {
    try (Writers writers = writers(Map.of()).start(1)) {
      // Given
      change(writers, RowKind.INSERT, "a", 1);
      writers.checkpoint(1);
      change(writers, RowKind.UPDATE_AFTER, "a", 2);
      writers.checkpoint(2);
      Configuration compacted = new Configuration(writers.conf());
      COMPACTED.forEach(compacted::setString);
      String log = table.files().stream().filter(file -> file.contains(".log.")).findAny().get();

      // When the table is taken once the plan is there, and a log of the new slice as well
      try (TableTimeline timeline = new TableTimeline(compacted, Clock.systemUTC())) {
        assertThatThrownBy(
                () ->
                    timeline.planCompaction(
                        () -> {
                          List<String> planned = table.plannedCompactions();
                          if (!planned.isEmpty()) {
                            Files.createFile(
                                table
                                    .folder()
                                    .resolve(
                                        log.replaceFirst(
                                            "_\\d{17}\\.log", "_" + planned.get(0) + ".log")));
                            throw new TableOwner.TableTakenException("Taken");
                          }
                        }))
            .hasMessage("Taken");
      }

      // Then
      assertThat(table.plannedCompactions()).hasSize(1);
    }
  }

  @Test
  void aStateWhoseSliceIsCleanedIsNotHeldAlthoughItsCommitIsRetained() throws Exception {
    Lakehouse lakehouse = new Lakehouse(warehouse, "numbers");
    try (Writers writers = writers(COMPACTED).start(1)) {
      // Given a compaction that is committed, and the slice before it
      planCompaction(writers);
      String first = table.commits().get(0).instant();
      String before = CommitLog.newestInstant(warehouse, Numbers.SILVER).orElseThrow();
      Set<String> logs = table.files();
      try (OneInputStreamOperatorTestHarness<Object, Object> compactions = compactions(writers)) {
        compactions.open();
        compactions.notifyOfCompletedCheckpoint(2);
        await().until(() -> table.plannedCompactions().isEmpty());
      }
      change(writers, RowKind.UPDATE_AFTER, "a", 3);
      writers.checkpoint(3);
      String behind = CommitLog.newestInstant(warehouse, Numbers.SILVER).orElseThrow();
      lakehouse.requireHeld(Numbers.SILVER, first);

      // When a clean takes it
      for (String log : logs) {
        Files.delete(table.folder().resolve(log));
      }

      // Then
      lakehouse.requireHeld(Numbers.SILVER, behind);
      assertThatThrownBy(() -> lakehouse.requireHeld(Numbers.SILVER, first))
          .isInstanceOf(NotHeldException.class)
          .hasMessageStartingWith(
              "silver.numbers cannot be read as of " + first + ": of file group ");
      List<Long> numbers = new ArrayList<>();
      lakehouse.readAsOf(
          Numbers.SILVER, before, List.of("number"), row -> numbers.add(row.getLong(0)));
      assertThat(numbers).as("what the compaction has kept").containsExactly(2L);
    }
  }

  private Writers writers(Map<String, String> settings) {
    return new Writers(warehouse, Numbers.SILVER, "a", Writers.PATIENCE, Writers.HUDI, settings);
  }

  /** Two commits, after which a compaction is planned. */
  private String planCompaction(Writers writers) throws Exception {
    change(writers, RowKind.INSERT, "a", 1);
    writers.checkpoint(1);
    change(writers, RowKind.UPDATE_AFTER, "a", 2);
    writers.checkpoint(2);
    return table.plannedCompactions().get(0);
  }

  private static OneInputStreamOperatorTestHarness<Object, Object> compactions(Writers writers)
      throws Exception {
    return new OneInputStreamOperatorTestHarness<>(
        new RunCompactions(
            writers.conf(), Numbers.SILVER.qualifiedName(), Writers.PATIENCE.toMillis()),
        connected(writers));
  }

  private static CommitLine line(Writers writers) {
    return new CommitLine(
        connected(writers), Numbers.SILVER.qualifiedName(), Writers.PATIENCE.toMillis());
  }

  private static ConnectedTask connected(Writers writers) {
    return new ConnectedTask(
        Map.of(Numbers.SILVER.qualifiedName(), writers.jobManager().coordinator()), 1, 0);
  }

  /** The next change that is read: its place is its number. */
  private void change(Writers writers, RowKind kind, String id, long number) throws Exception {
    writers.report(
        new Progress(
            Map.of("bronze.numbers", new Span(read, read + 1)),
            Map.of(),
            Map.of(),
            Progress.NO_EVENT_TIME,
            Progress.NO_EVENT_TIME));
    read++;
    writers.change(Numbers.change(kind, id, number));
  }

  private List<String> fileGroups() {
    return table.files().stream()
        .map(file -> Path.of(file).getFileName().toString())
        .map(
            file ->
                file.startsWith(".")
                    ? FSUtils.getFileIdFromLogPath(new org.apache.hadoop.fs.Path(file))
                    : FSUtils.getFileId(file))
        .distinct()
        .toList();
  }
}
