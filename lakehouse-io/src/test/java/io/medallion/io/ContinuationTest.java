package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ContinuationTest {
  private static final String BRONZE = "bronze.numbers";
  private static final String SILVER = "silver.numbers";

  @Test
  void whatBeginsWhereTheTableStandsContinues() {
    assertThat(
            Continuation.of(
                SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(5, 9))))
        .isEqualTo(Continuation.CONTINUES);
    assertThat(
            Continuation.of(
                BRONZE,
                Map.of("t-0", 5L, "t-1", 7L),
                Map.of("t-0", new Span(5, 6), "t-1", new Span(7, 8))))
        .isEqualTo(Continuation.CONTINUES);
  }

  @Test
  void whatBringsNothingOfAnyInputContinues() {
    assertThat(Continuation.of(SILVER, Map.of("bronze.numbers", 5L), Map.of()))
        .isEqualTo(Continuation.CONTINUES);
    assertThat(
            Continuation.of(
                SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(5, 5))))
        .isEqualTo(Continuation.CONTINUES);
  }

  @Test
  void whatBringsNothingAndWasBehindTheTableContinues() {
    assertThat(
            Continuation.of(
                SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(3, 3))))
        .isEqualTo(Continuation.CONTINUES);
  }

  @Test
  void whatTheTableHasAllOfOverlaps() {
    assertThat(
            Continuation.of(
                SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(0, 5))))
        .isEqualTo(Continuation.OVERLAP);
    assertThat(
            Continuation.of(
                BRONZE,
                Map.of("t-0", 5L, "t-1", 7L),
                Map.of("t-0", new Span(1, 4), "t-1", new Span(7, 7))))
        .isEqualTo(Continuation.OVERLAP);
  }

  @Test
  void aTableThatNothingHasReadYetBeginsAtTheStart() {
    assertThat(Continuation.of(SILVER, Map.of(), Map.of("bronze.numbers", new Span(0, 9))))
        .isEqualTo(Continuation.CONTINUES);
    assertThatThrownBy(
            () -> Continuation.of(SILVER, Map.of(), Map.of("bronze.numbers", new Span(4, 9))))
        .isInstanceOf(Continuation.GapException.class)
        .hasMessage(
            "Table silver.numbers stands at {}, but what comes begins later: {bronze.numbers=4..9}. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands.");
  }

  @Test
  void aKafkaPartitionMayBeginAnywhereBecauseKafkaForgetsItsOldestRecords() {
    assertThat(
            Continuation.of(
                BRONZE, Map.of("t-0", 5L), Map.of("t-0", new Span(5, 6), "t-1", new Span(90, 99))))
        .isEqualTo(Continuation.CONTINUES);
  }

  @Test
  void aCheckpointThatHasReadAPartitionWhichTheTableDoesNotKnowIsAGap() {
    assertThatThrownBy(() -> Continuation.of(BRONZE, Map.of(), Map.of("t-1", new Span(90, 90))))
        .isInstanceOf(Continuation.GapException.class)
        .hasMessage(
            "Table bronze.numbers stands at {}, but what comes begins later: {t-1=90..90}. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands.");
  }

  @Test
  void aHoleInOneOfSeveralInputsIsAGapThatNamesAll() {
    assertThatThrownBy(
            () ->
                Continuation.of(
                    BRONZE,
                    Map.of("t-0", 5L, "t-1", 7L),
                    Map.of("t-0", new Span(5, 6), "t-1", new Span(8, 9))))
        .isInstanceOf(Continuation.GapException.class)
        .message()
        .startsWith("Table bronze.numbers stands at {")
        .contains("t-0=5", "t-1=7")
        .contains("}, but what comes begins later: {t-0=5..6, t-1=8..9}. What lies between");
  }

  @Test
  void aHoleBeforeNothingIsAGapToo() {
    assertThatThrownBy(
            () ->
                Continuation.of(
                    SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(6, 6))))
        .isInstanceOf(Continuation.GapException.class)
        .hasMessage(
            "Table silver.numbers stands at {bronze.numbers=5}, but what comes begins later: {bronze.numbers=6..6}. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands.");
  }

  @Test
  void whatTheTableHasAPartOfIsRefused() {
    assertThatThrownBy(
            () ->
                Continuation.of(
                    SILVER, Map.of("bronze.numbers", 5L), Map.of("bronze.numbers", new Span(3, 7))))
        .isInstanceOf(Continuation.GapException.class)
        .hasMessage(
            "Table silver.numbers stands at {bronze.numbers=5}, in the middle of what comes: {bronze.numbers=3..7}. A part of it would be doubled.");
  }

  @Test
  void whatTheTableHasOfOneInputButNotOfTheOtherIsRefused() {
    assertThatThrownBy(
            () ->
                Continuation.of(
                    BRONZE,
                    new TreeMap<>(Map.of("t-0", 5L, "t-1", 7L)),
                    Map.of("t-0", new Span(3, 5), "t-1", new Span(7, 9))))
        .isInstanceOf(Continuation.GapException.class)
        .hasMessage(
            "Table bronze.numbers stands at {t-0=5, t-1=7}, which has a part of what comes: {t-0=3..5, t-1=7..9}. That part would be doubled.");
  }
}
