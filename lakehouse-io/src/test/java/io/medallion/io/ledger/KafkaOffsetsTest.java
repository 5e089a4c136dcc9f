package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.io.Span;
import io.medallion.io.ledger.OffsetSet.Ranges;
import io.medallion.schemas.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.longlong.Roaring64Bitmap;

class KafkaOffsetsTest {
  @Test
  void offsetsWithoutARecordAreToldFromThoseWithOne() {
    // Given a marker at 2, and 5 to 7 compacted
    RecordsInKafka kafka = new RecordsInKafka(0, 10, 3, 0, 1, 3, 4, 8, 9);

    // Then
    assertThat(look(kafka, new Span(1, 3), new Span(4, 10)))
        .containsExactly(
            "records 1 to 2", "none 2 to 3", "records 4 to 5", "none 5 to 8", "records 8 to 10");
  }

  @Test
  void aGapAtTheEndIsOne() {
    // Given
    RecordsInKafka kafka = new RecordsInKafka(0, 10, 500, 0, 1, 2);

    // Then
    assertThat(look(kafka, new Span(3, 10))).containsExactly("none 3 to 10");
  }

  @Test
  void whatKafkaHasDeletedOrNotYetHasIsUnknown() {
    // Given
    RecordsInKafka kafka = new RecordsInKafka(5, 8, 500, 5, 7);

    // Then
    assertThat(look(kafka, new Span(2, 10)))
        .containsExactly(
            "unknown 2 to 5", "records 5 to 6", "none 6 to 7", "records 7 to 8", "unknown 8 to 10");
    assertThat(look(kafka, new Span(1, 3), new Span(11, 12)))
        .containsExactly("unknown 1 to 3", "unknown 11 to 12");
  }

  @Test
  void whatKafkaDeletesMeanwhileIsUnknown() {
    // Given
    RecordsInKafka kafka = new RecordsInKafka(0, 8, 500, 5, 7).deletingUpTo(4);

    // Then
    assertThat(look(kafka, new Span(2, 8)))
        .containsExactly(
            "unknown 2 to 4", "none 4 to 5", "records 5 to 6", "none 6 to 7", "records 7 to 8");
  }

  @Test
  void rangesCloseToEachOtherAreReadInOneGo() {
    // Given a marker at each tenth offset
    RecordsInKafka kafka =
        new RecordsInKafka(
            0, 5_000, 500, LongStream.range(0, 5_000).filter(o -> o % 10 != 9).toArray());
    Span[] markers =
        LongStream.range(0, 500)
            .mapToObj(i -> new Span(10 * i + 9, 10 * i + 10))
            .toArray(Span[]::new);

    // When
    List<String> parts = look(kafka, markers);

    // Then
    assertThat(parts).hasSize(500).allMatch(part -> part.startsWith("none "));
    assertThat(kafka.seeks()).isEqualTo(1);
  }

  @Test
  void rangesFarFromEachOtherAreSoughtFor() {
    // Given
    RecordsInKafka kafka = new RecordsInKafka(0, 1_000_000, 500, 0, 999_999);

    // Then
    assertThat(look(kafka, new Span(0, 1), new Span(999_999, 1_000_000)))
        .containsExactly("records 0 to 1", "records 999999 to 1000000");
  }

  @Test
  void aPartitionThatKafkaDoesNotHaveIsUnknown() {
    // Given
    KafkaOffsets offsets =
        new KafkaOffsets(new RecordsInKafka(0, 5, 500, 0), "k:1", List.of("transactions"));

    // Then
    assertThat(offsets.partitions()).containsExactly("transactions-0");
    assertThat(offsets.available("transactions-0")).isEqualTo(new Span(0, 5));
    assertThat(offsets.available("transactions-7")).isEqualTo(new Span(0, 0));
    assertThat(look(offsets, "transactions-7", new Span(0, 3))).containsExactly("unknown 0 to 3");
  }

  @Test
  void aTopicThatIsNotThereIsRefused() {
    assertThatThrownBy(
            () -> new KafkaOffsets(new RecordsInKafka(0, 5, 500), "k:1", List.of("payments")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            """
            Kafka cannot be used, 1 problem:
              - pipeline.yaml: source.topics: found payments, expected a topic of the broker at k:1. \
            Correct the address or the topic; --without-kafka audits the tables alone.""");
  }

  @Test
  void aBrokerThatDoesNotAnswerIsRefused() {
    // Given
    RecordsInKafka kafka = new RecordsInKafka(0, 5, 500);
    kafka.setOffsetsException(new TimeoutException("Timed out"));

    // Then
    assertThatThrownBy(() -> new KafkaOffsets(kafka, "k:1", List.of("transactions")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            """
            Kafka cannot be used, 1 problem:
              - pipeline.yaml: source.kafka.bootstrap.servers: found k:1, expected a Kafka broker \
            that answers (TimeoutException: Timed out). Start the broker, or correct the address or \
            the security settings; --without-kafka audits the tables alone.""");
  }

  private static List<String> look(RecordsInKafka kafka, Span... spans) {
    return look(new KafkaOffsets(kafka, "k:1", List.of("transactions")), "transactions-0", spans);
  }

  private static List<String> look(KafkaOffsets offsets, String partition, Span... spans) {
    Roaring64Bitmap asked = new Roaring64Bitmap();
    for (Span span : spans) {
      asked.addRange(span.first(), span.next());
    }
    List<String> parts = new ArrayList<>();
    offsets.look(
        partition,
        new Ranges(asked),
        new KafkaOffsets.Parts() {
          @Override
          public void records(Span offsets) {
            add("records", offsets);
          }

          @Override
          public void none(Span offsets) {
            add("none", offsets);
          }

          @Override
          public void unknown(Span offsets) {
            add("unknown", offsets);
          }

          private void add(String what, Span offsets) {
            parts.add("%s %d to %d".formatted(what, offsets.first(), offsets.next()));
          }
        });
    return parts;
  }
}
