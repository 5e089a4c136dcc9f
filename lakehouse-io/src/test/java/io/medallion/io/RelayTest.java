package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that writes bronze and silver, and makes silver of the rows of bronze. */
class RelayTest {
  private static final String BRONZE = Numbers.BRONZE.qualifiedName();

  @TempDir Path folder;
  private String warehouse;
  private FromKafka bronze;
  private Writers silver;
  private OneInputStreamOperatorTestHarness<RowData, RowData> relay;
  private OneInputStreamOperatorTestHarness<Tuple3<Long, Long, Long>, CommittedFile> plan;
  private OperatorSubtaskState state;
  private int relayed;

  @BeforeEach
  void startJob() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    bronze = new FromKafka(warehouse, "a").start(1);
    silver = bronze.writers().toTableBehind(Numbers.SILVER, warehouse).start(1);
    startReaders();
  }

  private void startReaders(OperatorSubtaskState... restored) throws Exception {
    Map<String, CommitCoordinator> coordinators =
        Map.of(
            BRONZE,
            bronze.writers().jobManager().coordinator(),
            Numbers.SILVER.qualifiedName(),
            silver.jobManager().coordinator());
    long patienceMs = Writers.PATIENCE.toMillis();
    relay =
        new OneInputStreamOperatorTestHarness<>(
            new RelayRows(BRONZE, patienceMs), new ConnectedTask(coordinators, 1, 0));
    relay.setup(new RowDataSerializer(Numbers.BRONZE.columns()));
    relay.open();
    plan =
        new OneInputStreamOperatorTestHarness<>(
            new PlanReads(
                new FollowedTable(Numbers.BRONZE, warehouse),
                List.of(),
                null,
                List.of(Numbers.SILVER.qualifiedName()),
                false,
                true,
                patienceMs,
                PlanReads.FIRST_BUDGET),
            new ConnectedTask(coordinators, 1, 0));
    plan.setup();
    if (restored.length == 0) {
      plan.initializeEmptyState();
    } else {
      plan.initializeState(restored[0]);
    }
    plan.open();
  }

  @AfterEach
  void stopJob() throws Exception {
    relay.close();
    plan.close();
    bronze.close();
    silver.close();
  }

  @Test
  void aTableIsReadUntilNothingIsLeftThenItsRowsAreRelayed() throws Exception {
    // When
    Map<Long, Span> read = new TreeMap<>();
    List<Integer> files = new ArrayList<>();
    List<Integer> relays = new ArrayList<>();
    for (long checkpoint = 1; checkpoint <= 6; checkpoint++) {
      relayed = 0;
      Span span = barrier(checkpoint, 2);
      if (span != null) {
        read.put(checkpoint, span);
      }
      files.add(files());
      relays.add(relayed);
      complete(checkpoint);
    }

    // Then each row is read once, and what is relayed counts as read with its own commit
    List<Long> commits = commits();
    assertThat(files).containsExactly(0, 1, 1, 1, 0, 0);
    assertThat(relays).containsExactly(0, 0, 0, 2, 2, 2);
    assertThat(read)
        .containsExactly(
            Map.entry(2L, new Span(0, commits.get(0))),
            Map.entry(3L, new Span(commits.get(0), commits.get(1))),
            Map.entry(4L, new Span(commits.get(1), commits.get(3))),
            Map.entry(5L, new Span(commits.get(3), commits.get(4))),
            Map.entry(6L, new Span(commits.get(4), commits.get(5))));
  }

  /** Each may come between the last poll and the barrier, where they are as far apart as polls. */
  @Test
  void rowsAreRelayedAlsoWhereNoPollSeesTheNewestCommit() throws Exception {
    // When
    for (long checkpoint = 1; checkpoint <= 4; checkpoint++) {
      relayed = 0;
      barrierWithoutPoll(checkpoint, 1);
      complete(checkpoint);
    }

    // Then
    assertThat(relayed).isEqualTo(1);
  }

  @Test
  void aCheckpointWithoutRowsIsNoPosition() throws Exception {
    // Given
    relayFrom4();
    barrier(5, 1);
    complete(5);

    // When
    Span nothing = barrier(6, 0);
    complete(6);
    Span something = barrier(7, 1);
    complete(7);

    // Then
    List<Long> commits = commits();
    assertThat(nothing).isNull();
    assertThat(something)
        .isEqualTo(new Span(commits.get(commits.size() - 2), commits.get(commits.size() - 1)));
  }

  @Test
  void aNewAttemptReadsTheTableAtFirst() throws Exception {
    // Given
    relayFrom4();

    // When
    relay.close();
    plan.close();
    bronze.restore(FromKafka.Snapshot.NONE, 1);
    silver.restore(Writers.Checkpoint.NONE, 1);
    startReaders();

    // Then
    relayed = 0;
    assertThat(barrier(5, 1)).isEqualTo(new Span(0, commits().get(3)));
    complete(5);
    assertThat(barrier(6, 1)).isEqualTo(new Span(commits().get(3), commits().get(4)));
    complete(6);
    assertThat(relayed).isZero();
  }

  /** It was in the state, and would be read a second time with the commit it was made again in. */
  @Test
  void aRestoredPlaceWhoseCommitWasRolledBackIsRefused() throws Exception {
    // Given a savepoint whose rows are relayed and never committed
    relayFrom4();
    Span place = new Span(0, barrier(5, 1).next());
    OperatorSubtaskState savepoint = state;
    bronze.restore(FromKafka.Snapshot.NONE, 1);
    bronze.read(0);
    bronze.checkpoint(6);

    // When
    relay.close();
    plan.close();
    silver.restore(Writers.Checkpoint.NONE, 1);
    silver.begin(6);
    silver.report(read(place));
    silver.barrier(0, 6);
    silver.collect(6);
    silver.complete(6);
    startReaders(savepoint);

    // Then
    assertThatThrownBy(() -> plan.processElement(new StreamRecord<>(PlanReads.TICK)))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageContaining("which was rolled back");
  }

  /** The commit of a savepoint comes with the next checkpoint. */
  @Test
  void noRowIsRelayedBeforeOneThatIsOnlyInTheTable() throws Exception {
    // Given
    barrier(1, 1);
    complete(1);
    barrier(2, 1);
    complete(2);

    // When
    barrier(3, 1);

    // Then
    assertThatThrownBy(() -> barrier(4, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("of bronze.numbers is not there yet");
  }

  @Test
  void subtasksThatDoNotAgreeEndTheAttempt() throws Exception {
    // Given
    relayFrom4();

    // When
    plan.processElement(new StreamRecord<>(Tuple3.of(3L, 0L, 0L)));

    // Then
    assertThatThrownBy(() -> barrier(5, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Some subtasks relay the rows of bronze.numbers and others do not");
  }

  @Test
  void aTableIsCommittedBehindTheOneItIsMadeOf() throws Exception {
    // Given
    Span read = fillSilver();
    Thread told = tellSilver();

    // When silver has heard that the checkpoint is complete, and bronze has not
    await().until(() -> told.getState() == Thread.State.WAITING);

    // Then
    assertThat(new TableOnDisk(warehouse, Numbers.SILVER).commits()).isEmpty();

    // When
    bronze.complete(2);
    told.join();

    // Then
    assertThat(new TableOnDisk(warehouse, Numbers.SILVER).latest().progress().position())
        .containsEntry(BRONZE, read);
  }

  @Test
  void aTableIsNotCommittedWhenTheAttemptEndsBeforeTheOneItIsMadeOf() throws Exception {
    // Given
    fillSilver();
    Thread told = tellSilver();
    await().until(() -> told.getState() == Thread.State.WAITING);

    // When
    bronze.fail();
    told.join();

    // Then
    assertThat(new TableOnDisk(warehouse, Numbers.SILVER).commits()).isEmpty();
    silver.jobManager().check();
  }

  @Test
  void whatIsReadComesBeforeWhatIsRelayed() throws Exception {
    try (TwoInputStreamOperatorTestHarness<RowData, RowData, RowData> order =
        new TwoInputStreamOperatorTestHarness<>(new OrderRows(Numbers.BRONZE))) {
      order.setup(new RowDataSerializer(Numbers.BRONZE.columns()));
      order.open();

      // When
      order.processElement2(new StreamRecord<>(row(3)));
      order.processElement1(new StreamRecord<>(row(1)));
      order.processElement2(new StreamRecord<>(row(4)));
      order.processElement1(new StreamRecord<>(row(2)));
      order.prepareSnapshotPreBarrier(1);
      order.processElement2(new StreamRecord<>(row(5)));

      // Then
      assertThat(order.extractOutputValues())
          .containsExactly(row(1), row(2), row(3), row(4), row(5));
    }
  }

  private Span fillSilver() throws Exception {
    barrier(1, 1);
    complete(1);
    Span read = barrier(2, 1);
    assertThat(read).isNotNull();
    silver.begin(2);
    silver.report(read(read));
    silver.barrier(0, 2);
    silver.collect(2);
    return read;
  }

  private static Progress read(Span bronze) {
    return new Progress(
        Map.of(BRONZE, bronze), Map.of(), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }

  private Thread tellSilver() {
    Thread told =
        new Thread(
            () -> {
              try {
                silver.complete(2);
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
    told.start();
    return told;
  }

  private void relayFrom4() throws Exception {
    for (long checkpoint = 1; checkpoint <= 4; checkpoint++) {
      relayed = 0;
      barrier(checkpoint, 1);
      complete(checkpoint);
    }
    assertThat(relayed).isEqualTo(1);
  }

  /**
   * So many rows are written, then the barrier of a checkpoint passes.
   *
   * @return what is reported as read of bronze, or null
   */
  private Span barrier(long checkpoint, int rows) throws Exception {
    plan.processElement(new StreamRecord<>(PlanReads.TICK));
    return barrierWithoutPoll(checkpoint, rows);
  }

  private Span barrierWithoutPoll(long checkpoint, int rows) throws Exception {
    for (int i = 0; i < rows; i++) {
      bronze.read(0);
      relay.processElement(new StreamRecord<>(row(i)));
    }
    relayed += relay.extractOutputValues().size();
    relay.getOutput().clear();
    bronze.begin(checkpoint);
    bronze.barrier(0, checkpoint);
    relay.prepareSnapshotPreBarrier(checkpoint);
    if (relay.getSideOutput(RelayRows.COUNTS) != null) {
      for (StreamRecord<Tuple3<Long, Long, Long>> counts : relay.getSideOutput(RelayRows.COUNTS)) {
        plan.processElement(counts);
      }
      relay.getSideOutput(RelayRows.COUNTS).clear();
    }
    for (Tuple3<Long, Long, Long> instant : bronze.writers().instants()) {
      plan.processElement(new StreamRecord<>(instant));
    }
    plan.prepareSnapshotPreBarrier(checkpoint);
    state = plan.snapshot(checkpoint, 0);
    bronze.collect(checkpoint);
    Progress reported = Progress.NONE;
    if (plan.getSideOutput(CommitPart.REPORTS) != null) {
      for (StreamRecord<Row> report : plan.getSideOutput(CommitPart.REPORTS)) {
        reported = reported.plus(CommitPart.progress(report.getValue()));
      }
      plan.getSideOutput(CommitPart.REPORTS).clear();
    }
    return reported.position().get(BRONZE);
  }

  private void complete(long checkpoint) throws Exception {
    bronze.complete(checkpoint);
    plan.notifyOfCompletedCheckpoint(checkpoint);
  }

  /** How many files were named since the last look. */
  private int files() {
    int files = plan.extractOutputValues().size();
    plan.getOutput().clear();
    return files;
  }

  private List<Long> commits() {
    return new TableOnDisk(warehouse, Numbers.BRONZE)
        .commits().stream().map(commit -> Long.valueOf(commit.instant())).toList();
  }

  private static RowData row(long offset) {
    return Numbers.record(Numbers.BRONZE, Numbers.TOPIC, 0, offset);
  }
}
