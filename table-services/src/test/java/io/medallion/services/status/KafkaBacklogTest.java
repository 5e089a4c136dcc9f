package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kafka's own stand-in for a consumer; {@link FreezeIT} asks a real broker. */
class KafkaBacklogTest {
  private static final TopicPartition P0 = new TopicPartition("t", 0);
  private static final TopicPartition P1 = new TopicPartition("t", 1);

  private final MockConsumer<byte[], byte[]> kafka =
      new MockConsumer<>(OffsetResetStrategy.EARLIEST);
  private final KafkaBacklog backlog = new KafkaBacklog(kafka, List.of("t"));

  @BeforeEach
  void aTopicOfTwoPartitions() {
    kafka.updatePartitions(
        "t",
        List.of(
            new PartitionInfo("t", 0, null, null, null),
            new PartitionInfo("t", 1, null, null, null)));
    kafka.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
    kafka.updateEndOffsets(Map.of(P0, 0L, P1, 0L));
  }

  @Test
  void anEmptyTopicHasNothing() {
    assertThat(backlog.behind(Progress.NONE, at(100))).isEqualTo(Waiting.NOTHING);
  }

  @Test
  void whatIsBehindBronzeIsCountedFromItsFirstRecord() {
    // Given offset 5 of the first partition is a transaction's marker
    ends(8, 3);
    records(record(P0, 6, 42), record(P0, 7, 43), record(P1, 2, 50));

    // Then
    assertThat(backlog.behind(read(5, 2), at(100)))
        .isEqualTo(new Waiting(3, 0, Optional.of(at(42))));
  }

  @Test
  void markersOfTransactionsAreNothing() {
    // Given nobody sees offsets 5 and 6
    ends(7, 0);
    kafka.schedulePollTask(() -> kafka.seek(P0, 7));

    // Then
    assertThat(backlog.behind(read(5, 0), at(100))).isEqualTo(Waiting.NOTHING);
  }

  @Test
  void aRecordOfTheFutureHasWaitedSinceItWasSeen() {
    // Given
    ends(1, 0);
    records(record(P0, 0, 1_000_000));
    assertThat(backlog.behind(Progress.NONE, at(100)).since()).contains(at(100));

    // When it is still there a minute later
    records(record(P0, 0, 1_000_000));

    // Then
    assertThat(backlog.behind(Progress.NONE, at(160)).since()).contains(at(100));
  }

  @Test
  void anOldRecordThatWasNotThereHasNotWaitedForLonger() {
    // Given nothing waited
    ends(1, 0);
    backlog.behind(read(1, 0), at(100));

    // When a record comes that was made long before, and one without any time
    ends(2, 0);
    records(record(P0, 1, 5));

    // Then
    assertThat(backlog.behind(read(1, 0), at(110)).since()).contains(at(100));
    ends(2, 1);
    records(record(P0, 1, 5), record(P1, 0, ConsumerRecord.NO_TIMESTAMP));
    assertThat(backlog.behind(read(1, 0), at(120)).since()).contains(at(100));
  }

  @Test
  void aPartitionMoreIsReadFromItsBeginning() {
    // Given bronze knows one
    kafka.updateBeginningOffsets(Map.of(P1, 4L));
    ends(5, 6);
    records(record(P1, 4, 30));

    // Then
    Progress bronze = progress(Map.of(P0.toString(), new Span(0, 5)));
    assertThat(backlog.behind(bronze, at(100))).isEqualTo(new Waiting(2, 0, Optional.of(at(30))));
  }

  @Test
  void anotherTopicOfThatNameIsNamed() {
    // Given
    ends(3, 0);

    // Then
    assertThatThrownBy(() -> backlog.behind(read(5, 0), at(100)))
        .isInstanceOf(KafkaException.class)
        .hasMessage(
            "t-0 ends at offset 3, bronze has read up to 5: another topic of that name, or records were lost");
  }

  @Test
  void aTopicThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () -> new KafkaBacklog(kafka, List.of("other")).behind(Progress.NONE, at(100)))
        .isInstanceOf(KafkaException.class)
        .hasMessage("there is no topic other");
  }

  private void ends(long first, long second) {
    kafka.updateEndOffsets(Map.of(P0, first, P1, second));
  }

  @SafeVarargs
  private void records(ConsumerRecord<byte[], byte[]>... records) {
    kafka.schedulePollTask(
        () -> {
          for (ConsumerRecord<byte[], byte[]> record : records) {
            kafka.addRecord(record);
          }
        });
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition, long offset, long second) {
    long time = second < 0 ? second : at(second).toEpochMilli();
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        time,
        TimestampType.CREATE_TIME,
        0,
        0,
        null,
        new byte[0],
        new RecordHeaders(),
        Optional.empty());
  }

  private static Progress read(long first, long second) {
    return progress(Map.of(P0.toString(), new Span(0, first), P1.toString(), new Span(0, second)));
  }

  private static Progress progress(Map<String, Span> position) {
    return new Progress(
        position, Map.of(), Map.of(), Progress.NO_EVENT_TIME, Progress.NO_EVENT_TIME);
  }

  private static Instant at(long second) {
    return Instant.ofEpochSecond(second);
  }
}
