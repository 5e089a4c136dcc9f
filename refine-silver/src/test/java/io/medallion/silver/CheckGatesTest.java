package io.medallion.silver;

import static io.medallion.silver.Transactions.EVENT_ROW;
import static io.medallion.silver.Transactions.PIPELINE;
import static io.medallion.silver.Transactions.created;
import static io.medallion.silver.Transactions.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.Input;
import io.medallion.schemas.Gate;
import io.medallion.schemas.Gate.EventCount;
import io.medallion.schemas.Gate.NullShare;
import io.medallion.schemas.Gate.QuarantinedShare;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SilverDefinition;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import javax.annotation.Nullable;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the decoder counts of events, judged checkpoint by checkpoint. */
class CheckGatesTest {
  private static final String GOOD = created();
  private static final String BAD = created("region", "'MARS'");
  private static final String WITHOUT_DESCRIPTION = created("description", "null");

  private OneInputStreamOperatorTestHarness<RowData, RowData> decode;
  private OneInputStreamOperatorTestHarness<Row, Row> check;
  private int reportsSeen;
  private long offset;
  private long checkpoint;

  @AfterEach
  void end() throws Exception {
    decode.close();
    check.close();
  }

  @Test
  void aShareIsJudgedOnceEnoughEventsHaveCome() throws Exception {
    // Given one event in five at most, of ten at least
    start(new QuarantinedShare(percent("20"), 10), null);

    // When
    events(GOOD, 6);
    events(BAD, 2);
    barrier();
    events(GOOD, 2);
    barrier();
    events(GOOD, 6);
    events(BAD, 2);
    barrier();
    events(GOOD, 3);
    events("not json", 1);

    // Then of eight nothing is said, ten are at the edge, and twelve are judged together
    assertThatThrownBy(this::barrier)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessage(
            "Gate quarantined-share of pipeline transactions is closed: 3 of the last 12 events are to be quarantined (25%), at most 20% may (quarantined by malformed-json 1). What was read since the last commit is not committed, and nothing is lost: correct the source, the rule or the gate, and let refine-silver go on from its last checkpoint (flink run -s).");
  }

  @Test
  void whatIsCommittedDoesNotCloseAGateAgainWhoseReasonWasCorrected() throws Exception {
    // Given most events bad, and the last commit before there are enough
    start(new QuarantinedShare(percent("20"), 10), null);
    events(BAD, 8);
    OperatorSubtaskState state = barrier();
    events(BAD, 2);
    assertThatThrownBy(this::barrier).isInstanceOf(SuppressRestartsException.class);

    // When what comes now is good
    end();
    start(new QuarantinedShare(percent("20"), 10), state);
    events(GOOD, 10);

    // Then
    barrier();
    events(BAD, 10);
    assertThatThrownBy(this::barrier).isInstanceOf(SuppressRestartsException.class);
  }

  @Test
  void theRulesAreNamedByHowOftenTheyWereBroken() throws Exception {
    // Given
    start(new QuarantinedShare(percent("0.5"), 1), null);
    events("not json", 1);
    events(BAD, 2);

    // Then
    assertThatThrownBy(this::barrier)
        .cause()
        .hasMessageContaining(
            "3 of the last 3 events are to be quarantined (100%), at most 0.5% may (quarantined by region is known 2, malformed-json 1).");
  }

  @Test
  void aColumnIsAskedForInEventsThatInsertOrReplaceARow() throws Exception {
    // Given
    start(new NullShare("description", percent("50"), 4), null);

    // When a correction, a reversal and what is quarantined leave it out too
    events(created("update_type", "'CORRECTION'", "description", "null"), 5);
    events(created("update_type", "'REVERSAL'", "description", "null"), 5);
    events(created("region", "'MARS'", "description", "null"), 5);
    events(WITHOUT_DESCRIPTION, 2);
    events(GOOD, 2);
    barrier();

    // Then
    events(WITHOUT_DESCRIPTION, 3);
    barrier();
    events(GOOD, 1);
    assertThatThrownBy(this::barrier)
        .cause()
        .hasMessageStartingWith(
            "Gate null-share of description of pipeline transactions is closed: 3 of the last 4 events have no description (75%), at most 50% may.");
  }

  @Test
  void aCommitIsComparedWithTheMeanOfThoseBefore() throws Exception {
    // Given a mean of 4
    start(new EventCount(percent("50"), percent("200"), 2), null);
    events(GOOD, 1);
    barrier();
    events(GOOD, 4);
    barrier();
    barrier();
    events(GOOD, 4);
    barrier();

    // When
    events(GOOD, 8);
    barrier();
    events(GOOD, 3);
    OperatorSubtaskState state = barrier();

    // Then of 8 and 3, 2 are too few, and 12 too many; the first after a restart is not asked
    end();
    start(new EventCount(percent("50"), percent("200"), 2), state);
    events(GOOD, 100);
    barrier();
    events(GOOD, 2);
    assertThatThrownBy(this::barrier)
        .cause()
        .hasMessageStartingWith(
            "Gate event-count of pipeline transactions is closed: a commit of 2 events is 36.363636% of the mean of the last 2, 5; expected at least 50%.");
    end();
    start(new EventCount(percent("50"), percent("200"), 2), state);
    events(GOOD, 1);
    barrier();
    events(GOOD, 12);
    assertThatThrownBy(this::barrier)
        .cause()
        .hasMessageContaining(
            "is 218.181818% of the mean of the last 2, 5; expected at most 200%.");
  }

  @Test
  void whatIsCountedGoesOnToTheCommit() throws Exception {
    // Given
    start(new QuarantinedShare(percent("50"), 1), null);

    // When
    events(GOOD, 2);
    barrier();

    // Then
    assertThat(check.extractOutputValues())
        .singleElement()
        .extracting(report -> Input.progress(report).counters())
        .isEqualTo(Map.of("input", 2L, "inserts", 2L));
  }

  private void start(Gate gate, @Nullable OperatorSubtaskState state) throws Exception {
    PipelineDefinition pipeline = with(gate);
    decode =
        new OneInputStreamOperatorTestHarness<>(
            new DecodeEvents(pipeline, EVENT_ROW, new ReadEvent(pipeline, "file:///no/warehouse")));
    decode.setup(new RowDataSerializer(EVENT_ROW.rowType()));
    decode.open();
    reportsSeen = 0;
    check = new OneInputStreamOperatorTestHarness<>(new CheckGates(pipeline));
    check.setup();
    if (state == null) {
      check.initializeEmptyState();
    } else {
      check.initializeState(state);
    }
    check.open();
  }

  private void events(String payload, int number) throws Exception {
    for (int i = 0; i < number; i++) {
      decode.processElement(new StreamRecord<>(record(offset++, payload)));
    }
  }

  private OperatorSubtaskState barrier() throws Exception {
    checkpoint++;
    decode.prepareSnapshotPreBarrier(checkpoint);
    Queue<StreamRecord<Row>> reports = decode.getSideOutput(Input.REPORTS);
    if (reports != null) {
      for (StreamRecord<Row> report : List.copyOf(reports).subList(reportsSeen, reports.size())) {
        check.processElement(report);
        reportsSeen++;
      }
    }
    check.prepareSnapshotPreBarrier(checkpoint);
    return check.snapshot(checkpoint, 0);
  }

  private static PipelineDefinition with(Gate gate) {
    SilverDefinition silver = PIPELINE.silver();
    return new PipelineDefinition(
        PIPELINE.name(),
        PIPELINE.freshnessObjective(),
        PIPELINE.source(),
        new SilverDefinition(
            silver.sql(),
            silver.columns(),
            silver.key(),
            silver.partitionBy(),
            silver.orderBy(),
            silver.history(),
            silver.stateLifetime(),
            silver.changes(),
            silver.expectations(),
            silver.referenceRules(),
            List.of(gate)),
        PIPELINE.references(),
        PIPELINE.gold());
  }

  private static BigDecimal percent(String text) {
    return new BigDecimal(text);
  }
}
