package io.medallion.silver;

import static io.medallion.silver.Orders.correction;
import static io.medallion.silver.Orders.insert;
import static io.medallion.silver.Orders.reversal;
import static io.medallion.silver.Outcome.APPLIED;
import static io.medallion.silver.Outcome.DELETED;
import static io.medallion.silver.Outcome.DUPLICATE;
import static io.medallion.silver.Outcome.PENDING;
import static io.medallion.silver.Outcome.SUPERSEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.medallion.silver.Event.Kind;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericRowData;
import org.junit.jupiter.api.Test;

class MergeEventsTest {
  private final ReceiveEvents key = new ReceiveEvents(Orders.merge());

  @Test
  void anInsertMakesTheRecord() {
    MergedEvent merged = key.receive(insert(1, 0, "10.00", "first", "EU"));

    assertThat(merged.outcome()).isEqualTo(APPLIED);
    assertThat(merged.before()).isNull();
    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1));
  }

  @Test
  void aRecordHasTheContractsFieldsAndThoseThatSilverAdds() {
    assertThat(Orders.merge().recordType().asSummaryString())
        .isEqualTo(
            "ROW<`amount` DECIMAL(18, 2), `description` STRING, `region` STRING,"
                + " `silver._rescued_data` STRING, `silver._created_at` TIMESTAMP(3),"
                + " `silver._last_modified` TIMESTAMP(3), `silver._kafka_topic` STRING,"
                + " `silver._kafka_partition` INT, `silver._kafka_offset` BIGINT> NOT NULL");
  }

  @Test
  void theLayoutOfAStateStaysTheSame() {
    String at =
        "`order` BIGINT NOT NULL, `partition` INT NOT NULL, `offset` BIGINT NOT NULL,"
            + " `topic` STRING NOT NULL, `kafka_timestamp` BIGINT NOT NULL, ";
    assertThat(Orders.merge().stateType().asSummaryString())
        .isEqualTo(
            "ROW<`base` ROW<"
                + at
                + "`row` ROW<`amount` DECIMAL(18, 2), `description` STRING, `region` STRING>,"
                + " `rescued` STRING>, `correction_description` ROW<"
                + at
                + "`value` STRING>, `correction_amount` ROW<"
                + at
                + "`value` DECIMAL(18, 2)>> NOT NULL");
  }

  @Test
  void aNewerInsertReplacesTheRecordWhole() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(insert(2, 1, "20.00", null, "US"));

    assertThat(key.record())
        .isEqualTo("20.00, null, US, rescued US, created 1000, modified 1000, t-0@1");
  }

  @Test
  void anOlderInsertIsSuperseded() {
    key.receive(insert(2, 0, "20.00", "second", "US"));

    MergedEvent merged = key.receive(insert(1, 1, "10.00", "first", "EU"));

    assertThat(merged.outcome()).isEqualTo(SUPERSEDED);
    assertThat(key.record())
        .isEqualTo("20.00, second, US, rescued US, created 0, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, SUPERSEDED, 1));
  }

  @Test
  void aCorrectionSetsOnlyTheCorrectableFieldsThatItCarries() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(2, 1, "11.00", null));

    assertThat(key.record())
        .isEqualTo("11.00, first, EU, rescued EU, created 0, modified 1000, t-0@1");
  }

  @Test
  void eachFieldTakesItsNewestCorrection() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(4, 1, null, "fourth"));
    key.receive(correction(3, 2, "13.00", "third"));
    MergedEvent older = key.receive(correction(2, 3, "12.00", "second"));

    assertThat(older.outcome()).isEqualTo(SUPERSEDED);
    assertThat(key.record())
        .isEqualTo("13.00, fourth, EU, rescued EU, created 0, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 3, SUPERSEDED, 1));
  }

  @Test
  void aCorrectionWaitsForItsRecord() {
    MergedEvent early = key.receive(correction(2, 0, "11.00", null));

    assertThat(early.outcome()).isEqualTo(PENDING);
    assertThat(key.record()).isEqualTo("no record");
    assertThat(key.total()).isEqualTo(Map.of(PENDING, 1));

    key.receive(insert(1, 1, "10.00", "first", "EU"));

    assertThat(key.record())
        .isEqualTo("11.00, first, EU, rescued EU, created 1000, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2));
  }

  @Test
  void aNewerInsertSupersedesWaitingCorrections() {
    key.receive(correction(2, 0, "11.00", null));
    key.receive(correction(4, 1, null, "fourth"));

    key.receive(insert(3, 2, "10.00", "third", "EU"));

    assertThat(key.record())
        .isEqualTo("10.00, fourth, EU, rescued EU, created 2000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2, SUPERSEDED, 1));
  }

  @Test
  void aWaitingCorrectionIsSupersededByNewerOnesOfAllItsFields() {
    key.receive(correction(1, 0, "11.00", "first"));
    key.receive(correction(2, 1, "12.00", null));
    assertThat(key.total()).isEqualTo(Map.of(PENDING, 2));

    key.receive(correction(3, 2, null, "third"));

    assertThat(key.total()).isEqualTo(Map.of(SUPERSEDED, 1, PENDING, 2));
  }

  @Test
  void aReversalDeletesTheRecord() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    MergedEvent merged = key.receive(reversal(2, 1));

    assertThat(merged.outcome()).isEqualTo(DELETED);
    assertThat(Orders.show(merged.before()))
        .isEqualTo("10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
    assertThat(merged.after()).isNull();
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 1));
  }

  @Test
  void aLateReversalDoesNotResurrect() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(reversal(3, 1));

    MergedEvent late = key.receive(insert(2, 2, "20.00", "second", "US"));

    assertThat(late.outcome()).isEqualTo(SUPERSEDED);
    assertThat(key.record()).isEqualTo("no record");
  }

  @Test
  void aReversalBeforeItsRecordKeepsItFromAppearing() {
    key.receive(reversal(2, 0));

    MergedEvent late = key.receive(insert(1, 1, "10.00", "first", "EU"));

    assertThat(late.outcome()).isEqualTo(SUPERSEDED);
    assertThat(key.record()).isEqualTo("no record");
    assertThat(key.total()).isEqualTo(Map.of(DELETED, 1, SUPERSEDED, 1));
  }

  @Test
  void aReversalOlderThanTheRecordIsSuperseded() {
    key.receive(insert(2, 0, "10.00", "first", "EU"));

    MergedEvent late = key.receive(reversal(1, 1));

    assertThat(late.outcome()).isEqualTo(SUPERSEDED);
    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, SUPERSEDED, 1));
  }

  @Test
  void aCorrectionAfterAReversalWaits() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(reversal(2, 1));

    MergedEvent late = key.receive(correction(3, 2, "11.00", null));

    assertThat(late.outcome()).isEqualTo(PENDING);
    assertThat(key.record()).isEqualTo("no record");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 1, PENDING, 1));
  }

  @Test
  void aLateCorrectionFromBeforeTheReversalIsSuperseded() {
    key.receive(reversal(3, 0));

    assertThat(key.receive(correction(2, 1, "11.00", null)).outcome()).isEqualTo(SUPERSEDED);
  }

  @Test
  void anAppliedCorrectionWaitsAgainWhenALateReversalTakesItsRecord() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(3, 1, "11.00", null));

    key.receive(reversal(2, 2));

    assertThat(key.record()).isEqualTo("no record");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 1, PENDING, 1));
  }

  @Test
  void aNewerInsertAfterAReversalCreatesTheRecordAgain() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(reversal(2, 1));
    key.receive(insert(3, 2, "30.00", "third", "US"));

    assertThat(key.record())
        .isEqualTo("30.00, third, US, rescued US, created 2000, modified 2000, t-0@2");
  }

  @Test
  void theSameRecordOfKafkaAThousandTimesCountsOnce() {
    for (int i = 0; i < 1_000; i++) {
      key.receive(insert(1, 7, "10.00", "first", "EU"));
    }

    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 7000, modified 7000, t-0@7");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DUPLICATE, 999));
  }

  @Test
  void theSameContentSentAThousandTimesCountsOnce() {
    for (int offset = 0; offset < 1_000; offset++) {
      key.receive(insert(1, offset, "10.00", "first", "EU"));
    }

    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 999000, modified 999000, t-0@999");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DUPLICATE, 999));
  }

  @Test
  void ofRepeatedEventsTheOneWithTheLowerCoordinatesIsTheDuplicate() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    MergedEvent insert = key.receive(insert(1, 2, "10.00", "first", "EU"));
    MergedEvent older = key.receive(insert(1, 1, "10.00", "first", "EU"));
    key.receive(correction(2, 3, "11.00", "second"));
    MergedEvent correction = key.receive(correction(2, 5, "11.00", "second"));
    MergedEvent olderCorrection = key.receive(correction(2, 4, "11.00", "second"));
    key.receive(reversal(3, 6));
    MergedEvent reversal = key.receive(reversal(3, 7));
    key.receive(correction(4, 8, "14.00", null));
    MergedEvent waiting = key.receive(correction(4, 9, "14.00", null));

    assertThat(insert.outcome()).isEqualTo(APPLIED);
    assertThat(insert.moves()).containsExactly(new Move(at(1, 0, 0), APPLIED, DUPLICATE));
    assertThat(older.outcome()).isEqualTo(DUPLICATE);
    assertThat(older.moves()).isEmpty();
    assertThat(correction.outcome()).isEqualTo(APPLIED);
    assertThat(correction.moves()).containsExactly(new Move(at(2, 0, 3), APPLIED, DUPLICATE));
    assertThat(olderCorrection.outcome()).isEqualTo(DUPLICATE);
    assertThat(olderCorrection.moves()).isEmpty();
    assertThat(reversal.outcome()).isEqualTo(DELETED);
    assertThat(reversal.moves()).containsExactly(new Move(at(3, 0, 6), DELETED, DUPLICATE));
    assertThat(waiting.outcome()).isEqualTo(PENDING);
    assertThat(waiting.moves()).containsExactly(new Move(at(4, 0, 8), PENDING, DUPLICATE));
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2, DELETED, 1, DUPLICATE, 6, PENDING, 1));
  }

  @Test
  void aCorrectionThatRepeatsOneFieldOfAnotherIsAppliedAsTheOtherStillIs() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(2, 1, "12.00", "second"));

    MergedEvent merged = key.receive(correction(2, 2, "12.00", null));

    assertThat(merged.outcome()).isEqualTo(APPLIED);
    assertThat(merged.moves()).isEmpty();
    assertThat(key.record())
        .isEqualTo("12.00, second, EU, rescued EU, created 0, modified 2000, t-0@2");
  }

  @Test
  void aRecordMovesTheCorrectionsThatWaitedForItOrAreOlder() {
    key.receive(Orders.event(Kind.CORRECTION, 2, 1, 0, "12.00", "second", null));
    key.receive(Orders.event(Kind.CORRECTION, 4, 2, 0, null, "fourth", null));

    MergedEvent merged = key.receive(insert(3, 0, "10.00", "third", "EU"));

    assertThat(merged.outcome()).isEqualTo(APPLIED);
    assertThat(merged.moves())
        .containsExactlyInAnyOrder(
            new Move(at(2, 1, 0), PENDING, SUPERSEDED), new Move(at(4, 2, 0), PENDING, APPLIED));
  }

  @Test
  void aReversalMovesTheCorrectionsAfterItAndNotThoseThatWereAppliedBefore() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(Orders.event(Kind.CORRECTION, 2, 1, 0, "12.00", null, null));
    key.receive(Orders.event(Kind.CORRECTION, 4, 2, 0, null, "fourth", null));

    MergedEvent merged = key.receive(reversal(3, 1));

    assertThat(merged.outcome()).isEqualTo(DELETED);
    assertThat(merged.moves()).containsExactly(new Move(at(4, 2, 0), APPLIED, PENDING));
  }

  @Test
  void aCorrectionMovesAWaitingOneWhenItTakesTheLastOfItsFields() {
    key.receive(Orders.event(Kind.CORRECTION, 1, 1, 0, "11.00", "first", null));

    MergedEvent amount = key.receive(correction(2, 0, "12.00", null));
    MergedEvent description = key.receive(correction(3, 1, null, "third"));

    assertThat(amount.moves()).isEmpty();
    assertThat(description.moves()).containsExactly(new Move(at(1, 1, 0), PENDING, SUPERSEDED));
  }

  @Test
  void aCorrectionThatIsOverwrittenStaysApplied() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(2, 1, "12.00", null));

    MergedEvent merged = key.receive(correction(3, 2, "13.00", null));

    assertThat(merged.moves()).isEmpty();
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 3));
  }

  @Test
  void aCorrectionThatSetsNothingIsADuplicate() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    assertThat(key.receive(correction(2, 1, null, null)).outcome()).isEqualTo(DUPLICATE);
    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
  }

  @Test
  void ofEqualOrderValuesTheHigherPartitionAndThenTheHigherOffsetWins() {
    key.receive(Orders.event(Kind.INSERT, 1, 1, 5, "15.00", "b", "EU"));
    key.receive(Orders.event(Kind.INSERT, 1, 0, 9, "9.00", "a", "EU"));
    assertThat(key.record())
        .isEqualTo("15.00, b, EU, rescued EU, created 5000, modified 5000, t-1@5");

    key.receive(Orders.event(Kind.INSERT, 1, 1, 6, "16.00", "c", "EU"));

    assertThat(key.record())
        .isEqualTo("16.00, c, EU, rescued EU, created 6000, modified 6000, t-1@6");
  }

  @Test
  void aRepeatedInsertThatUndoesACorrectionIsApplied() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(1, 1, "11.00", null));

    MergedEvent merged = key.receive(insert(1, 2, "10.00", "first", "EU"));

    assertThat(merged.outcome()).isEqualTo(APPLIED);
    assertThat(key.record())
        .isEqualTo("10.00, first, EU, rescued EU, created 2000, modified 2000, t-0@2");
  }

  @Test
  void aCorrectionCannotSetWhatTheContractDoesNotHave() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MergeEvents(Orders.CONTRACT, List.of("price")))
        .withMessage(
            "Corrections cannot set 'price': the contract's fields are [amount, description,"
                + " region].");
  }

  @Test
  void anEventWithoutCorrectableFieldsNeedsNone() {
    MergeEvents merge = new MergeEvents(Orders.CONTRACT, List.of());

    MergedEvent merged = merge.merge(null, insert(1, 0, "10.00", "first", "EU"));

    assertThat(((GenericRowData) merged.state()).getArity()).isEqualTo(1);
    assertThat(Orders.show(merged.after()))
        .isEqualTo("10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
  }

  private static Version at(long order, int partition, long offset) {
    return new Version(order, partition, offset, "t");
  }
}
