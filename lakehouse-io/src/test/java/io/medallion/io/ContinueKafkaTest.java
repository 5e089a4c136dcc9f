package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.FromKafka.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContinueKafkaTest {
  @TempDir Path folder;
  private String warehouse;
  private Writers writers;

  @BeforeEach
  void startJobManager() throws Exception {
    warehouse = folder.resolve("lake").toUri().toString();
    writers = new Writers(warehouse, Numbers.BRONZE, "a").start(1);
  }

  @AfterEach
  void stopJobManager() throws Exception {
    writers.close();
  }

  @Test
  void allRecordsOfANewTablePassAndAreReported() throws Exception {
    try (Subtask subtask = new Subtask(List.of())) {
      // When
      subtask.send(0, 0);
      subtask.send(0, 1);
      subtask.send(1, 0);

      // Then
      assertThat(subtask.passed()).containsExactly("0 0", "0 1", "1 0");
      assertThat(subtask.reported(1))
          .isEqualTo(Map.of("t-0", new Span(0, 2), "t-1", new Span(0, 1)));
      assertThat(subtask.reported(2)).isEmpty();
    }
  }

  @Test
  void aPartitionMayBeginAnywhereAndHaveHoles() throws Exception {
    try (Subtask subtask = new Subtask(List.of())) {
      // When
      subtask.send(0, 70);
      subtask.send(0, 75);

      // Then
      assertThat(subtask.passed()).containsExactly("0 70", "0 75");
      assertThat(subtask.reported(1)).isEqualTo(Map.of("t-0", new Span(70, 76)));

      // When
      subtask.send(0, 80);

      // Then
      assertThat(subtask.reported(2)).isEqualTo(Map.of("t-0", new Span(76, 81)));
    }
  }

  @Test
  void whatTheTableHasIsDroppedAndNotReportedAgain() throws Exception {
    // Given
    committed(Map.of("t-0", new Span(0, 2)));

    try (Subtask subtask = new Subtask(List.of())) {
      // When
      subtask.send(0, 0);
      subtask.send(0, 1);

      // Then
      assertThat(subtask.passed()).isEmpty();
      assertThat(subtask.reported(1)).isEmpty();

      // When
      subtask.send(0, 2);
      subtask.send(1, 0);

      // Then
      assertThat(subtask.passed()).containsExactly("0 2", "1 0");
      assertThat(subtask.reported(2))
          .isEqualTo(Map.of("t-0", new Span(2, 3), "t-1", new Span(0, 1)));
    }
  }

  @Test
  void aJobThatGoesBackDropsWhatItHadCommittedSince() throws Exception {
    // Given
    OperatorSubtaskState old;
    try (Subtask subtask = new Subtask(List.of())) {
      subtask.send(0, 0);
      committed(subtask.reported(1));
      old = subtask.state;
      subtask.send(0, 1);
      committed(subtask.reported(2));
    }

    // When
    try (Subtask subtask = new Subtask(List.of(old))) {
      subtask.send(0, 1);
      subtask.send(0, 2);

      // Then
      assertThat(subtask.passed()).containsExactly("0 2");
      assertThat(subtask.reported(3)).isEqualTo(Map.of("t-0", new Span(2, 3)));
    }
  }

  @Test
  void aCheckpointThatIsAheadOfTheTableIsAGap() throws Exception {
    // Given a checkpoint whose rows have never been committed
    OperatorSubtaskState ahead;
    try (Subtask subtask = new Subtask(List.of())) {
      subtask.send(0, 0);
      subtask.reported(1);
      ahead = subtask.state;
    }

    // When
    try (Subtask subtask = new Subtask(List.of(ahead))) {
      assertThatThrownBy(() -> subtask.send(0, 1))
          // Then
          .isInstanceOf(Continuation.GapException.class)
          .hasMessage(
              "Table bronze.numbers stands at {}, but what comes begins later: {t-0=1..1}. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands.");
    }
  }

  @Test
  void whatWasReadOfAPartitionThatIsSilentNowIsComparedWithTheTable() throws Exception {
    // Given
    OperatorSubtaskState ahead;
    try (Subtask subtask = new Subtask(List.of())) {
      subtask.send(0, 0);
      subtask.reported(1);
      ahead = subtask.state;
    }

    // When
    try (Subtask silent = new Subtask(List.of(ahead))) {
      assertThatThrownBy(() -> silent.reported(2))
          // Then
          .isInstanceOf(Continuation.GapException.class);
    }
  }

  @Test
  void aJobWithoutACheckpointBringsNothingTwice() throws Exception {
    // Given
    try (FromKafka job = new FromKafka(warehouse, writers).start(2)) {
      job.read(0);
      job.read(1);
      job.checkpoint(1);
      job.read(0);
      job.flush(2);
    }

    // When a source reads all from the start, as one that looked before the table had anything
    try (FromKafka job = new FromKafka(warehouse, "b")) {
      job.restore(new Snapshot(Writers.Checkpoint.NONE, Map.of(0, 0L, 1, 0L), List.of()), 2);
      for (int again = 0; again < 2; again++) {
        job.read(0);
        job.read(1);
      }
      job.checkpoint(1);
    }

    // Then
    assertThat(new TableOnDisk(warehouse, Numbers.BRONZE).rows())
        .containsExactly("t 0 0", "t 0 1", "t 1 0", "t 1 1");
  }

  private long checkpointId;

  private void committed(Map<String, Span> position) throws Exception {
    writers.report(
        new Progress(position, Map.of(), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME));
    writers.checkpoint(++checkpointId);
  }

  private final class Subtask implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<RowData, RowData> harness;
    private OperatorSubtaskState state;

    Subtask(List<OperatorSubtaskState> restored) throws Exception {
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new ContinueKafka(Numbers.BRONZE, writers.patienceMs()), writers.task(1, 0));
      harness.setup(new RowDataSerializer(Numbers.BRONZE.columns()));
      if (restored.isEmpty()) {
        harness.initializeEmptyState();
      } else {
        harness.initializeState(restored.get(0));
      }
      harness.open();
    }

    void send(int partition, long offset) throws Exception {
      harness.processElement(new StreamRecord<>(Numbers.record(partition, offset)));
    }

    /** What has passed since the last look. */
    List<String> passed() {
      List<String> rows =
          harness.extractOutputValues().stream()
              .map(row -> row.getInt(1) + " " + row.getLong(2))
              .toList();
      harness.getOutput().clear();
      return rows;
    }

    /** What is reported when the barrier of a checkpoint passes. */
    Map<String, Span> reported(long checkpoint) throws Exception {
      harness.prepareSnapshotPreBarrier(checkpoint);
      Progress reported = Progress.NONE;
      if (harness.getSideOutput(CommitPart.REPORTS) != null) {
        for (StreamRecord<Row> report : harness.getSideOutput(CommitPart.REPORTS)) {
          reported = reported.plus(CommitPart.progress(report.getValue()));
        }
        harness.getSideOutput(CommitPart.REPORTS).clear();
      }
      state = harness.snapshot(checkpoint, 0);
      return reported.position();
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }
}
