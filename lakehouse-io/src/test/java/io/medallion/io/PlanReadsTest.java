package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.OutputTag;
import org.apache.hudi.configuration.FlinkOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanReadsTest {
  private static final TableDefinition LETTERS =
      new TableDefinition(
          Layer.BRONZE,
          "letters",
          Numbers.BRONZE.columns(),
          Numbers.BRONZE.key(),
          Numbers.BRONZE.partitionBy(),
          Writing.APPEND);

  private static final TableDefinition QUARANTINE =
      new TableDefinition(
          Layer.SILVER,
          "numbers_quarantine",
          Numbers.BRONZE.columns(),
          Numbers.BRONZE.key(),
          Numbers.BRONZE.partitionBy(),
          Writing.APPEND);

  /**
   * As few commits as Hudi can be brought to leave on the timeline: files are not kept for long.
   */
  private static final Map<String, String> ARCHIVED_SOON =
      Map.of(
          FlinkOptions.ARCHIVE_MIN_COMMITS.key(),
          "2",
          FlinkOptions.ARCHIVE_MAX_COMMITS.key(),
          "3",
          FlinkOptions.CLEAN_POLICY.key(),
          "KEEP_LATEST_COMMITS",
          FlinkOptions.CLEAN_RETAIN_COMMITS.key(),
          "1",
          FlinkOptions.COMPACTION_DELTA_COMMITS.key(),
          "1");

  @TempDir Path folder;
  private String warehouse;
  private TableOnDisk bronze;
  private FromKafka kafka;
  private long checkpointId;
  @Nullable private Requests requests;
  private boolean beginsWithRows;
  private final List<TableDefinition> others = new ArrayList<>();
  private final Map<TableDefinition, Writers> targets = new LinkedHashMap<>();

  @BeforeEach
  void startJobs() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    bronze = new TableOnDisk(warehouse, Numbers.BRONZE);
    kafka = kafka(Map.of());
    target(Numbers.SILVER);
  }

  @AfterEach
  void stopJobs() throws Exception {
    kafka.close();
    for (Writers target : targets.values()) {
      target.close();
    }
  }

  @Test
  void commitsAreNamedInTheirOrderAsTheyAppear() throws Exception {
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // Given
      follower.tick();
      assertThat(follower.named()).isEmpty();
      List<String> commits = commit(2);

      // When
      follower.tick();

      // Then
      assertThat(follower.named()).isEqualTo(commits);
      assertThat(follower.barrier(1)).isEqualTo(new Span(0, number(commits.get(1))));

      // When
      follower.tick();
      assertThat(follower.named()).isEmpty();
      String third = commit(1).get(0);
      follower.tick();

      // Then
      assertThat(follower.named()).containsExactly(third);
      assertThat(follower.barrier(2)).isEqualTo(new Span(number(commits.get(1)), number(third)));
    }
  }

  @Test
  void aRestoredJobGoesOnAfterTheCommitItHadNamed() throws Exception {
    // Given
    String first = commit(1).get(0);
    OperatorSubtaskState state;
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      follower.tick();
      stand(Numbers.SILVER, follower.barrier(1));
      state = follower.state;
    }
    String second = commit(1).get(0);

    // When
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
      follower.tick();

      // Then
      assertThat(follower.named()).containsExactly(second);
      assertThat(follower.barrier(2)).isEqualTo(new Span(number(first), number(second)));
    }
  }

  @Test
  void aCommitDoesNotOvertakeAnOlderOneThatIsUnderWay() throws Exception {
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of());
        TableTimeline timeline = new TableTimeline(kafka.writers().conf(), Clock.systemUTC())) {
      // Given
      String older = timeline.next();
      timeline.open(older);
      String newer = timeline.next();
      timeline.open(newer);
      timeline.commit(newer, List.of(), carried());

      // When
      follower.tick();

      // Then
      assertThat(follower.barrier(1)).isNull();

      // When
      timeline.commit(older, List.of(), carried());
      follower.tick();

      // Then
      assertThat(follower.barrier(2)).isEqualTo(new Span(0, number(newer)));
    }
  }

  @Test
  void noMoreCommitsAreNamedBeforeABarrierThanTheBudgetAllows() throws Exception {
    // Given
    List<String> commits = commit(3);

    try (Follower follower = new Follower(1, List.of())) {
      for (String commit : commits) {
        // When
        follower.tick();
        follower.tick();

        // Then
        assertThat(follower.named()).containsExactly(commit);
        follower.barrier(number(commit));
      }
    }
  }

  @Test
  void theBudgetGrowsWhileCheckpointsAreQuickAndShrinksWhenTheyAreSlow() throws Exception {
    // Given
    List<String> commits = commit(16);
    long quickMs = Writers.PATIENCE.toMillis() / 10;
    long slowMs = Writers.PATIENCE.toMillis() / 2;

    // A commit of one file with one row is more than half of it.
    try (Follower follower = new Follower(150, List.of())) {
      // When
      List<Integer> named = new ArrayList<>();
      for (long tookMs : List.of(quickMs, quickMs, slowMs, slowMs, slowMs)) {
        follower.tick();
        named.add(follower.named().size());
        follower.barrier(named.size());
        follower.passMs(tookMs);
        follower.complete(named.size());
      }

      // Then
      assertThat(named).containsExactly(2, 3, 6, 3, 2);
      assertThat(commits).hasSize(named.stream().mapToInt(Integer::intValue).sum());
    }
  }

  @Test
  void aBudgetThatIsNotUsedUpDoesNotGrow() throws Exception {
    try (Follower follower = new Follower(150, List.of())) {
      // Given
      for (int checkpoint = 1; checkpoint <= 3; checkpoint++) {
        commit(1);
        follower.tick();
        assertThat(follower.named()).hasSize(1);
        follower.barrier(checkpoint);
        follower.complete(checkpoint);
      }
      commit(4);

      // When
      follower.tick();

      // Then
      assertThat(follower.named()).hasSize(2);
    }
  }

  @Test
  void noBarrierFallsBeyondWhereATableStandsThatTheJobWrites() throws Exception {
    // Given
    List<String> commits = commit(3);
    long at = number(commits.get(1));
    stand(Numbers.SILVER, new Span(0, at));

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // When
      follower.tick();

      // Then
      assertThat(follower.named()).isEqualTo(commits.subList(0, 2));
      assertThat(follower.barrier(1)).isEqualTo(new Span(0, at));

      // When the checkpoint is not complete yet, then
      follower.tick();
      assertThat(follower.named()).isEmpty();

      // When it is
      follower.complete(1);
      follower.tick();

      // Then
      assertThat(follower.named()).containsExactly(commits.get(2));
      assertThat(follower.barrier(2)).isEqualTo(new Span(at, number(commits.get(2))));
    }
  }

  @Test
  void anAbortedCheckpointDoesNotJoinWhatTheTableHasWithWhatIsNew() throws Exception {
    // Given
    List<String> commits = commit(2);
    long at = number(commits.get(0));
    stand(Numbers.SILVER, new Span(0, at));

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // When the barrier of a checkpoint has passed that is never complete
      follower.tick();
      assertThat(follower.barrier(1)).isEqualTo(new Span(0, at));
      follower.tick();

      // Then the next barrier falls at the same place
      assertThat(follower.barrier(2)).isNull();
      follower.complete(2);
      follower.named();
      follower.tick();
      assertThat(follower.named()).containsExactly(commits.get(1));
    }
  }

  @Test
  void eachOfTwoTablesStopsTheJobWhereItStands() throws Exception {
    // Given
    target(QUARANTINE);
    List<String> commits = commit(3);
    stand(Numbers.SILVER, new Span(0, number(commits.get(1))));
    stand(QUARANTINE, new Span(0, number(commits.get(0))));

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      for (String commit : commits) {
        // When
        follower.tick();

        // Then
        assertThat(follower.named()).containsExactly(commit);
        follower.barrier(number(commit));
        follower.complete(number(commit));
      }
    }
  }

  @Test
  void aCheckpointThatIsAheadOfATableIsAGap() throws Exception {
    // Given
    String first = commit(1).get(0);
    OperatorSubtaskState state;
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      follower.tick();
      follower.barrier(1);
      state = follower.state;
    }

    // When what was read has never been committed to the table
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
      assertThatThrownBy(follower::tick)
          // Then
          .isInstanceOf(Continuation.GapException.class)
          .hasMessage(
              "Table silver.numbers stands at {}, but what comes begins later: {bronze.numbers=%s..%s}. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands."
                  .formatted(first, first));
    }
  }

  @Test
  void aCommitThatATableHasReadAndThatIsGoneIsAnError() throws Exception {
    // Given
    String first = commit(1).get(0);
    long gone = number(first) + 1;
    stand(Numbers.SILVER, new Span(0, gone));
    String next = commit(1).get(0);

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      assertThatThrownBy(follower::tick)
          // Then
          .isInstanceOf(Continuation.GapException.class)
          .hasMessage(
              "Tables [silver.numbers] have read bronze.numbers up to %d, a commit that it does not have any more; the next one is %s. Rebuild them from it."
                  .formatted(gone, next));
    }
  }

  @Test
  void requestsAreNamedOnceInTheirOrderAndReportedWithTheCommits() throws Exception {
    // Given
    requests = Requests.about(QUARANTINE, warehouse);
    long commit = number(commit(1).get(0));
    assertThat(List.of(requests.add("first", 0), requests.add("second", 0)))
        .containsExactly(1L, 2L);
    OperatorSubtaskState state;

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // When
      follower.tick();
      follower.tick();

      // Then
      assertThat(follower.requested()).containsExactly(1L, 2L);
      follower.barrier(1);
      assertThat(follower.reported.position())
          .containsEntry("bronze.numbers", new Span(0, commit))
          .containsEntry("silver.numbers_quarantine.requests", new Span(0, 2));
      state = follower.state;
      stand(Numbers.SILVER, follower.reported.position());
    }

    // When
    assertThat(requests.add("third", 0)).isEqualTo(3);
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
      follower.tick();

      // Then
      assertThat(follower.requested()).containsExactly(3L);
      assertThat(requests.get(3)).contains("third");
      follower.barrier(2);
      assertThat(follower.reported.position())
          .containsEntry("bronze.numbers", new Span(commit, commit))
          .containsEntry("silver.numbers_quarantine.requests", new Span(2, 3));
    }
  }

  @Test
  void noBarrierJoinsCommitsThatATableHasWithRequestsThatAreNew() throws Exception {
    // Given a table that stands behind the second of three commits and the first of two requests
    requests = Requests.about(QUARANTINE, warehouse);
    requests.add("first", 0);
    requests.add("second", 0);
    List<String> commits = commit(3);
    long at = number(commits.get(1));
    stand(
        Numbers.SILVER,
        Map.of(
            "bronze.numbers",
            new Span(0, at),
            "silver.numbers_quarantine.requests",
            new Span(0, 1)));

    // When a job begins without a checkpoint, and a barrier comes before it has read all of that
    try (Follower follower = new Follower(1, List.of())) {
      follower.tick();

      // Then neither goes beyond that place
      assertThat(follower.named()).containsExactly(commits.get(0));
      assertThat(follower.requested()).containsExactly(1L);
      follower.barrier(1);
      follower.complete(1);
      follower.tick();
      assertThat(follower.named()).containsExactly(commits.get(1));
      assertThat(follower.requested()).isEmpty();
      follower.barrier(2);
      follower.tick();
      assertThat(follower.named()).isEmpty();
      assertThat(follower.requested()).isEmpty();

      // When a checkpoint at it is complete
      follower.complete(2);
      follower.tick();

      // Then
      assertThat(follower.named()).containsExactly(commits.get(2));
      assertThat(follower.requested()).containsExactly(2L);
    }
  }

  @Test
  void aJobWhoseTablesSayNothingTakesRequestsAsNew() throws Exception {
    // Given the sink of Hudi
    requests = Requests.about(QUARANTINE, warehouse);
    requests.add("first", 0);
    try (Follower follower =
        new Follower(Numbers.BRONZE, List.of(), PlanReads.FIRST_BUDGET, List.of())) {
      // When
      follower.tick();

      // Then
      assertThat(follower.requestedRows()).containsExactly("1 false 0");
    }
  }

  @Test
  void whatTheTableOfTheRequestsHasIsKnownAlsoWhereAnotherOneIsBehind() throws Exception {
    // Given a crash between the commits of two tables
    requests = Requests.about(QUARANTINE, warehouse);
    requests.add("first", 0);
    requests.add("second", 1);
    requests.add("third", 2);
    List<String> commits = commit(3);
    target(QUARANTINE);
    stand(Numbers.SILVER, upTo(commits.get(0), 1));
    stand(QUARANTINE, upTo(commits.get(1), 2));

    // When a job begins without a checkpoint
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      follower.tick();

      // Then
      assertThat(follower.splits()).extracting(CommittedFile::known).containsExactly(true);
      assertThat(follower.requestedRows()).containsExactly("1 true 1");
      follower.barrier(1);
      follower.complete(1);
      follower.tick();
      assertThat(follower.splits()).extracting(CommittedFile::known).containsExactly(true);
      assertThat(follower.requestedRows()).containsExactly("2 true 1");
      follower.barrier(2);
      follower.complete(2);
      follower.tick();
      assertThat(follower.splits()).extracting(CommittedFile::known).containsExactly(false);
      assertThat(follower.requestedRows()).containsExactly("3 false 1");
    }
  }

  private static Map<String, Span> upTo(String commit, long request) {
    return Map.of(
        "bronze.numbers",
        new Span(0, number(commit)),
        "silver.numbers_quarantine.requests",
        new Span(0, request));
  }

  @Test
  void otherTablesAreNamedBesideTheFirstAndReportedWithIt() throws Exception {
    // Given
    others.add(LETTERS);
    long number = number(commit(1).get(0));
    OperatorSubtaskState state;
    try (FromKafka letters = letters();
        Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      String letter = commit(letters, LETTERS);

      // When
      follower.tick();

      // Then
      assertThat(follower.named()).hasSize(1);
      assertThat(follower.namedOf(LETTERS)).containsExactly(letter);
      follower.barrier(1);
      assertThat(follower.reported.position())
          .isEqualTo(
              Map.of(
                  "bronze.numbers",
                  new Span(0, number),
                  "bronze.letters",
                  new Span(0, number(letter))));
      state = follower.state;
      stand(Numbers.SILVER, follower.reported.position());

      // When the job goes on from its checkpoint
      String next = commit(letters, LETTERS);
      try (Follower restored = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
        restored.tick();

        // Then
        assertThat(restored.named()).isEmpty();
        assertThat(restored.namedOf(LETTERS)).containsExactly(next);
        restored.barrier(2);
        assertThat(restored.reported.position())
            .isEqualTo(
                Map.of(
                    "bronze.numbers",
                    new Span(number, number),
                    "bronze.letters",
                    new Span(number(letter), number(next))));
      }
    }
  }

  @Test
  void noBarrierJoinsCommitsThatATableHasWithNewOnesOfAnother() throws Exception {
    // Given a table that has read one of two commits of each
    others.add(LETTERS);
    List<String> numbers = commit(2);
    try (FromKafka letters = letters()) {
      String first = commit(letters, LETTERS);
      String second = commit(letters, LETTERS);
      stand(
          Numbers.SILVER,
          Map.of(
              "bronze.numbers",
              new Span(0, number(numbers.get(0))),
              "bronze.letters",
              new Span(0, number(first))));

      // When a job begins without a checkpoint
      try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
        follower.tick();

        // Then neither goes beyond that place before a checkpoint at it is complete
        assertThat(follower.named()).containsExactly(numbers.get(0));
        assertThat(follower.namedOf(LETTERS)).containsExactly(first);
        follower.barrier(1);
        follower.tick();
        assertThat(follower.named()).isEmpty();
        assertThat(follower.namedOf(LETTERS)).isEmpty();
        follower.complete(1);
        follower.tick();
        assertThat(follower.named()).containsExactly(numbers.get(1));
        assertThat(follower.namedOf(LETTERS)).containsExactly(second);
      }
    }
  }

  @Test
  void aTableThatIsReadFromNowOnIsReadFromItsBeginning() throws Exception {
    // Given a job that has read one table and stopped
    long number = number(commit(1).get(0));
    OperatorSubtaskState state;
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      follower.tick();
      stand(Numbers.SILVER, follower.barrier(1));
      state = follower.state;
    }

    // When it reads another one, too
    others.add(LETTERS);
    try (FromKafka letters = letters();
        Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
      String letter = commit(letters, LETTERS);
      follower.tick();

      // Then
      assertThat(follower.namedOf(LETTERS)).containsExactly(letter);
      follower.barrier(2);
      assertThat(follower.reported.position())
          .isEqualTo(
              Map.of(
                  "bronze.numbers",
                  new Span(number, number),
                  "bronze.letters",
                  new Span(0, number(letter))));
    }
  }

  @Test
  void aRequestThatATableHasTakenAndThatIsGoneIsAnError() throws Exception {
    // Given
    requests = Requests.about(QUARANTINE, warehouse);
    long commit = number(commit(1).get(0));
    stand(
        Numbers.SILVER,
        Map.of(
            "bronze.numbers",
            new Span(0, commit),
            "silver.numbers_quarantine.requests",
            new Span(0, 1)));

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      assertThatThrownBy(follower::tick)
          // Then
          .isInstanceOf(Continuation.GapException.class)
          .hasMessage(
              "Tables [silver.numbers] have taken the requests in %s up to 1, but 1 is not there any more. Restore the file."
                  .formatted(requests.folder()));
    }
  }

  @Test
  void archivedCommitsAreRead() throws Exception {
    // Given
    archiveSoon();
    List<String> commits = commit(9);
    assertThat(bronze.completed()).hasSizeLessThan(9);

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // When
      follower.tick();

      // Then
      assertThat(follower.named()).isEqualTo(commits);
    }
  }

  @Test
  void commitsThatAreArchivedWhileOlderOnesAreReadAreReadToo() throws Exception {
    // Given
    archiveSoon();
    List<String> commits = new ArrayList<>(commit(9));

    try (Follower follower = new Follower(1, List.of())) {
      follower.tick();
      List<String> named = new ArrayList<>(follower.named());
      follower.barrier(1);

      // When
      commits.addAll(commit(6));
      for (int barrier = 2; barrier <= commits.size(); barrier++) {
        follower.tick();
        named.addAll(follower.named());
        follower.barrier(barrier);
      }

      // Then
      assertThat(named).isEqualTo(commits);
    }
  }

  @Test
  void archivedCommitsAreReadAlsoWhenARollbackOfTheirTimeIsStillOnTheTimeline() throws Exception {
    // Given
    archiveSoon();
    OperatorSubtaskState state;
    commit(1);
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      follower.tick();
      stand(Numbers.SILVER, follower.barrier(1));
      state = follower.state;
    }
    try (TableTimeline timeline = new TableTimeline(kafka.writers().conf(), Clock.systemUTC())) {
      String instant = timeline.next();
      timeline.open(instant);
      timeline.rollBack(instant);
    }
    List<String> commits = commit(9);
    assertThat(bronze.rolledBack()).hasSize(1);
    assertThat(bronze.completed()).doesNotContain(commits.get(0));

    // When
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of(state))) {
      follower.tick();

      // Then
      assertThat(follower.named()).isEqualTo(commits);
    }
  }

  @Test
  void theRowsOfEachNamedCommitAreRead() throws Exception {
    // Given
    commit(2);

    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of());
        Reader reader = new Reader(Numbers.BRONZE)) {
      // When
      follower.tick();
      reader.read(follower.splits());

      // Then
      assertThat(reader.rows).containsExactly("+I t 0 0", "+I t 0 1");
    }
  }

  @Test
  void aChangelogBeginsWithItsRowsAndGoesOnWithItsChanges() throws Exception {
    // Given
    Writers silver = targets.get(Numbers.SILVER);
    silver.change(Numbers.change(RowKind.INSERT, "a", 1));
    silver.change(Numbers.change(RowKind.INSERT, "b,2:c", 1));
    silver.change(Numbers.change(RowKind.INSERT, "c", 1));
    silver.checkpoint(1);
    silver.change(Numbers.change(RowKind.UPDATE_BEFORE, "a", 1));
    silver.change(Numbers.change(RowKind.UPDATE_AFTER, "a", 2));
    silver.change(Numbers.change(RowKind.DELETE, "b,2:c", 1));
    silver.report(counted(6, 2));
    silver.checkpoint(2);
    String begin = new TableOnDisk(warehouse, Numbers.SILVER).latest().instant();

    try (Follower follower = silverFollower();
        Reader reader = new Reader(Numbers.SILVER)) {
      // When
      follower.tick();
      reader.read(follower.splits());

      // Then
      assertThat(reader.rows).containsExactlyInAnyOrder("+I a all 2", "+I c all 1");
      follower.barrier(1);
      assertThat(follower.reported.position())
          .isEqualTo(Map.of("silver.numbers", new Span(0, number(begin))));
      assertThat(follower.reported.counter(Progress.INPUT)).isEqualTo(6 - 2);

      // When several commits come in one log
      reader.rows.clear();
      silver.change(Numbers.change(RowKind.UPDATE_BEFORE, "a", 2));
      silver.change(Numbers.change(RowKind.UPDATE_AFTER, "a", 3));
      silver.flush(3);
      silver.change(Numbers.change(RowKind.DELETE, "a", 3));
      silver.flush(4);
      silver.complete(4);
      follower.tick();
      reader.read(follower.splits());

      // Then
      assertThat(reader.rows).containsExactly("-U a all 2", "+U a all 3", "-D a all 3");
      follower.barrier(2);
      assertThat(follower.reported.counters()).isEqualTo(Map.of(Progress.INPUT, 0L));
    }
  }

  @Test
  void aChangelogBeginsWithItsRowsAsOfWhereTheTablesOfTheJobStand() throws Exception {
    // Given
    Writers silver = targets.get(Numbers.SILVER);
    silver.change(Numbers.change(RowKind.INSERT, "a", 1));
    silver.checkpoint(1);
    long at = number(new TableOnDisk(warehouse, Numbers.SILVER).latest().instant());
    silver.change(Numbers.change(RowKind.UPDATE_BEFORE, "a", 1));
    silver.change(Numbers.change(RowKind.UPDATE_AFTER, "a", 2));
    silver.checkpoint(2);
    long now = number(new TableOnDisk(warehouse, Numbers.SILVER).latest().instant());
    checkpointId = 2;
    target(QUARANTINE);
    stand(QUARANTINE, Map.of("silver.numbers", new Span(0, at)));

    try (Follower follower = silverFollower();
        Reader reader = new Reader(Numbers.SILVER)) {
      // When
      follower.tick();
      reader.read(follower.splits());

      // Then
      assertThat(reader.rows).containsExactly("+I a all 1");
      follower.barrier(1);
      assertThat(follower.reported.position()).isEqualTo(Map.of("silver.numbers", new Span(0, at)));

      // When
      follower.complete(1);
      follower.tick();
      reader.read(follower.splits());

      // Then
      assertThat(reader.rows).containsExactly("+I a all 1", "-U a all 1", "+U a all 2");
      follower.barrier(2);
      assertThat(follower.reported.position())
          .isEqualTo(Map.of("silver.numbers", new Span(at, now)));
    }
  }

  @Test
  void aChangelogThatDoesNotHoldThatStateAnyMoreBeginsWithItsFirstCommit() throws Exception {
    // Given
    List<String> commits = new ArrayList<>();
    try (CommitRows silver = new CommitRows(warehouse, Numbers.SILVER, ARCHIVED_SOON)) {
      for (int i = 0; i < 6; i++) {
        commits.add(silver.commit(Progress.NONE, Numbers.row("a" + i, 1)));
        silver.archive();
      }
    }
    assertThat(new TableOnDisk(warehouse, Numbers.SILVER).completed())
        .doesNotContain(commits.get(1));
    target(QUARANTINE);
    stand(QUARANTINE, Map.of("silver.numbers", new Span(0, number(commits.get(1)))));

    try (Follower follower = silverFollower()) {
      // When
      follower.tick();

      // Then
      assertThat(follower.named()).isEqualTo(commits.subList(0, 2));
    }

    // When it must not
    beginsWithRows = true;
    try (Follower follower = silverFollower()) {
      assertThatThrownBy(follower::tick)
          // Then
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "Some of the tables [silver.numbers_quarantine] are to be made anew, at once, where the others stand. silver.numbers cannot be read as of %s: that commit is not on its timeline any more. Bring each to its newest version with medallion gold rebuild, and start again."
                  .formatted(commits.get(1)));
    }
  }

  @Test
  void whatIsMadeAnewDoesNotBeginWithoutATableThatOthersHaveNotRead() throws Exception {
    // Given
    Writers silver = targets.get(Numbers.SILVER);
    silver.change(Numbers.row("a", 1));
    silver.checkpoint(1);
    checkpointId = 1;
    String read = commit(1).get(0);
    target(QUARANTINE);
    stand(QUARANTINE, new Span(0, number(read)));
    others.add(Numbers.SILVER);
    beginsWithRows = true;

    try (Follower follower =
        new Follower(
            Numbers.BRONZE,
            List.of(QUARANTINE.qualifiedName()),
            PlanReads.FIRST_BUDGET,
            List.of())) {
      // When
      assertThatThrownBy(follower::tick)
          // Then
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "Some of the tables [silver.numbers_quarantine] are to be made anew, at once, where the others stand. Some of them have not read silver.numbers yet. Bring each to its newest version with medallion gold rebuild, and start again.");
    }
  }

  @Test
  void theFirstBarrierComesBehindWhatIsThereAtTheBegin() throws Exception {
    // Given
    List<String> commits = commit(1);
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of())) {
      // When it comes before the clock has ticked
      Span read = follower.barrier(1);

      // Then
      assertThat(read).isEqualTo(new Span(0, number(commits.get(0))));
      assertThat(follower.named()).isEqualTo(commits);
    }
  }

  @Test
  void aFileThatIsGoneBeforeItIsReadIsAnErrorThatNamesItsCommit() throws Exception {
    // Given
    String commit = commit(1).get(0);
    try (Follower follower = new Follower(PlanReads.FIRST_BUDGET, List.of());
        Reader reader = new Reader(Numbers.BRONZE)) {
      follower.tick();
      CommittedFile split = follower.splits().get(0);
      Files.delete(bronze.folder().resolve(bronze.files().iterator().next()));

      // When
      assertThatThrownBy(() -> reader.read(split))
          // Then
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Files of commit %s of bronze.numbers are gone before they were read: %s. Nothing was skipped; the tables behind bronze.numbers must be rebuilt from what is left of it, or the files restored."
                  .formatted(commit, split.path()));
    }
  }

  @Test
  void aTornLogIsAnErrorAndNotFewerRows() throws Exception {
    // Given
    Writers silver = targets.get(Numbers.SILVER);
    silver.change(Numbers.change(RowKind.INSERT, "a", 1));
    silver.checkpoint(1);
    try (Follower follower = silverFollower();
        Reader reader = new Reader(Numbers.SILVER)) {
      follower.tick();
      follower.splits();
      follower.barrier(1);
      silver.change(Numbers.change(RowKind.INSERT, "b", 1));
      silver.checkpoint(2);
      follower.tick();
      CommittedFile log = follower.splits().get(0);
      Path torn = Path.of(URI.create(log.path()));
      byte[] whole = Files.readAllBytes(torn);
      Files.write(torn, Arrays.copyOf(whole, whole.length / 2));

      // When
      assertThatThrownBy(() -> reader.read(log))
          // Then
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "%s has 0 rows of commit %s of silver.numbers, which wrote 1 there. The file is damaged; restore it."
                  .formatted(log.path(), log.instant()));
    }
  }

  @Test
  void flinkCarriesTheNamesOfFilesWithoutKryo() {
    // When
    TypeInformation<CommittedFile> type = TypeInformation.of(CommittedFile.class);

    // Then
    assertThat(type).isInstanceOf(PojoTypeInfo.class);
  }

  private FromKafka kafka(Map<String, String> settings) throws Exception {
    return new FromKafka(
            warehouse,
            new Writers(warehouse, Numbers.BRONZE, "a", Writers.PATIENCE, Writers.HUDI, settings))
        .start(1);
  }

  private FromKafka letters() throws Exception {
    return new FromKafka(warehouse, new Writers(warehouse, LETTERS, "c"), LETTERS, Numbers.TOPIC)
        .start(1);
  }

  /** Of silver, in a job that writes the other targets. */
  private Follower silverFollower() throws Exception {
    return new Follower(
        Numbers.SILVER,
        targets.keySet().stream()
            .filter(target -> !target.equals(Numbers.SILVER))
            .map(TableDefinition::qualifiedName)
            .toList(),
        PlanReads.FIRST_BUDGET,
        List.of());
  }

  private static Progress counted(long changes, long rows) {
    return new Progress(
        Map.of(),
        Map.of(Progress.CHANGES, changes, Progress.ROWS, rows),
        Map.of(),
        Progress.NO_EVENT_TIME,
        Progress.NO_EVENT_TIME);
  }

  private void archiveSoon() throws Exception {
    kafka.close();
    kafka = kafka(ARCHIVED_SOON);
  }

  private void target(TableDefinition table) throws Exception {
    targets.put(table, new Writers(warehouse, table, "b").start(1));
  }

  /** Commits so many rows, each by itself; returns the instants. */
  private List<String> commit(int commits) throws Exception {
    List<String> instants = new ArrayList<>();
    for (int i = 0; i < commits; i++) {
      kafka.read(0);
      kafka.checkpoint(++checkpointId);
      instants.add(bronze.latest().instant());
    }
    return instants;
  }

  /** Commits a row of another table; returns the instant. */
  private String commit(FromKafka from, TableDefinition into) throws Exception {
    from.read(0);
    from.checkpoint(++checkpointId);
    return new TableOnDisk(warehouse, into).latest().instant();
  }

  /** Lets a table that the job writes stand at the end of what it has read. */
  private void stand(TableDefinition table, Span read) throws Exception {
    stand(table, Map.of("bronze.numbers", read));
  }

  private void stand(TableDefinition table, Map<String, Span> read) throws Exception {
    targets
        .get(table)
        .report(
            new Progress(read, Map.of(), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME));
    targets.get(table).checkpoint(++checkpointId);
  }

  private static Map<String, String> carried() {
    return CommitLog.metadata("numbers", "bronze.numbers", "a", 1, Progress.NONE);
  }

  private static long number(String instant) {
    return Long.parseLong(instant);
  }

  /** The operator, in a job that writes all targets. */
  private final class Follower implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<Tuple3<Long, Long, Long>, CommittedFile>
        harness;
    private OperatorSubtaskState state;
    private Progress reported = Progress.NONE;

    Follower(long budget, List<OperatorSubtaskState> restored) throws Exception {
      this(
          Numbers.BRONZE,
          targets.keySet().stream().map(TableDefinition::qualifiedName).toList(),
          budget,
          restored);
    }

    Follower(
        TableDefinition table, List<String> into, long budget, List<OperatorSubtaskState> restored)
        throws Exception {
      Map<String, CoordinationRequestHandler> coordinators = new LinkedHashMap<>();
      targets.forEach(
          (target, writers) ->
              coordinators.put(target.qualifiedName(), writers.jobManager().coordinator()));
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new PlanReads(
                  new FollowedTable(table, warehouse),
                  others.stream().map(other -> new FollowedTable(other, warehouse)).toList(),
                  requests,
                  into,
                  beginsWithRows,
                  false,
                  Writers.PATIENCE.toMillis(),
                  budget),
              new ConnectedTask(coordinators, 1, 0));
      harness.setup();
      if (restored.isEmpty()) {
        harness.initializeEmptyState();
      } else {
        harness.initializeState(restored.get(0));
      }
      harness.open();
    }

    void tick() throws Exception {
      harness.processElement(new StreamRecord<>(PlanReads.TICK));
    }

    /** What it has named since the last look. */
    List<CommittedFile> splits() {
      List<CommittedFile> splits = harness.extractOutputValues();
      harness.getOutput().clear();
      return splits;
    }

    /** The commits that it has named since the last look. */
    List<String> named() {
      return splits().stream().map(CommittedFile::instant).toList();
    }

    /** The commits of another table that it has named since the last look. */
    List<String> namedOf(TableDefinition other) {
      OutputTag<CommittedFile> files = PlanReads.filesOf(new FollowedTable(other, warehouse));
      if (harness.getSideOutput(files) == null) {
        return List.of();
      }
      List<String> instants =
          harness.getSideOutput(files).stream().map(file -> file.getValue().instant()).toList();
      harness.getSideOutput(files).clear();
      return instants;
    }

    /** The requests that it has named since the last look. */
    List<Long> requested() {
      return requestedRows().stream()
          .map(row -> Long.valueOf(row.substring(0, row.indexOf(' '))))
          .toList();
    }

    /** The same with what it says of them. */
    List<String> requestedRows() {
      if (harness.getSideOutput(PlanReads.REQUESTS) == null) {
        return List.of();
      }
      List<String> rows =
          harness.getSideOutput(PlanReads.REQUESTS).stream()
              .map(StreamRecord::getValue)
              .map(row -> row.getLong(0) + " " + row.getBoolean(1) + " " + row.getLong(2))
              .toList();
      harness.getSideOutput(PlanReads.REQUESTS).clear();
      return rows;
    }

    /** Returns what is reported of bronze, or null if nothing is. */
    Span barrier(long checkpoint) throws Exception {
      harness.prepareSnapshotPreBarrier(checkpoint);
      reported = Progress.NONE;
      if (harness.getSideOutput(CommitPart.REPORTS) != null) {
        for (StreamRecord<Row> report : harness.getSideOutput(CommitPart.REPORTS)) {
          reported = reported.plus(CommitPart.progress(report.getValue()));
        }
        harness.getSideOutput(CommitPart.REPORTS).clear();
      }
      state = harness.snapshot(checkpoint, 0);
      return reported.position().get("bronze.numbers");
    }

    void passMs(long ms) throws Exception {
      harness.setProcessingTime(harness.getProcessingTime() + ms);
    }

    void complete(long checkpoint) throws Exception {
      harness.notifyOfCompletedCheckpoint(checkpoint);
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }

  private final class Reader implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<CommittedFile, RowData> harness;
    private final List<String> rows = new ArrayList<>();
    private final TableDefinition table;

    Reader(TableDefinition table) throws Exception {
      this.table = table;
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new ReadFiles(new HudiTable(table, warehouse), null));
      harness.setup(new RowDataSerializer(table.columns()));
      harness.open();
    }

    void read(List<CommittedFile> splits) throws Exception {
      for (CommittedFile split : splits) {
        read(split);
      }
    }

    void read(CommittedFile split) throws Exception {
      harness.processElement(new StreamRecord<>(split));
      for (RowData row : harness.extractOutputValues()) {
        rows.add(row.getRowKind().shortString() + " " + TableOnDisk.text(table.columns(), row));
      }
      harness.getOutput().clear();
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }
}
