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

import io.medallion.silver.Event.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryOfKeyTest {
  private final ReceiveHistory key = new ReceiveHistory();

  @Test
  void anInsertBeginsTheVersionThatIsCurrent() {
    HistoryChange change = key.receive(insert(1, 0, "10.00", "first", "EU"));

    assertThat(change.outcome()).isEqualTo(APPLIED);
    assertThat(change.moves()).isEmpty();
    assertThat(key.rows())
        .containsExactly("1 on: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
  }

  @Test
  void aNewerInsertEndsTheVersionBeforeIt() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(insert(3, 1, "30.00", null, "US"));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 on: 30.00, null, US, rescued US, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2));
  }

  @Test
  void aLateInsertSplitsAVersion() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(insert(5, 1, "50.00", "fifth", "EU"));

    HistoryChange change = key.receive(insert(3, 2, "30.00", "third", "US"));

    assertThat(change.rows()).hasSize(2);
    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 to 5: 30.00, third, US, rescued US, created 2000, modified 2000, t-0@2",
            "5 on: 50.00, fifth, EU, rescued EU, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 3));
  }

  @Test
  void anInsertThatIsOlderThanAllBeginsAVersionBeforeThem() {
    key.receive(insert(5, 0, "50.00", "fifth", "EU"));

    key.receive(insert(1, 1, "10.00", "first", "EU"));

    assertThat(key.rows())
        .containsExactly(
            "1 to 5: 10.00, first, EU, rescued EU, created 1000, modified 1000, t-0@1",
            "5 on: 50.00, fifth, EU, rescued EU, created 0, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2));
  }

  @Test
  void aCorrectionBeginsAVersionWithAllOtherFieldsAsTheyWere() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(3, 1, "13.00", null));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 on: 13.00, first, EU, rescued EU, created 0, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2));
  }

  @Test
  void aCorrectionToTheValueThatIsThereBeginsAVersionToo() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(3, 1, "10.00", null));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 on: 10.00, first, EU, rescued EU, created 0, modified 1000, t-0@1");
  }

  @Test
  void aLateCorrectionHoldsUntilAnotherOfItsFieldOrTheNextInsert() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(4, 1, null, "fourth"));
    key.receive(correction(5, 2, "15.00", null));
    key.receive(insert(7, 3, "70.00", "seventh", "EU"));

    HistoryChange change = key.receive(correction(3, 4, "13.00", "third"));

    assertThat(change.rows())
        .extracting(row -> key.show(row.after()))
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 to 4: 13.00, third, EU, rescued EU, created 0, modified 4000, t-0@4",
            "4 to 5: 13.00, fourth, EU, rescued EU, created 0, modified 1000, t-0@1");
    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 to 4: 13.00, third, EU, rescued EU, created 0, modified 4000, t-0@4",
            "4 to 5: 13.00, fourth, EU, rescued EU, created 0, modified 1000, t-0@1",
            "5 to 7: 15.00, fourth, EU, rescued EU, created 0, modified 2000, t-0@2",
            "7 on: 70.00, seventh, EU, rescued EU, created 3000, modified 3000, t-0@3");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 5));
  }

  @Test
  void aReversalEndsTheVersionAndBeginsNone() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    HistoryChange change = key.receive(reversal(3, 1));

    assertThat(change.outcome()).isEqualTo(DELETED);
    assertThat(key.rows())
        .containsExactly("1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 1));
  }

  @Test
  void anInsertAfterAReversalLeavesAGap() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(reversal(3, 1));
    key.receive(insert(5, 2, "50.00", "fifth", "US"));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "5 on: 50.00, fifth, US, rescued US, created 2000, modified 2000, t-0@2");
  }

  @Test
  void aLateReversalEndsAVersionAndWhatWasAppliedBehindItWaits() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(4, 1, "14.00", null));
    key.receive(insert(6, 2, "60.00", "sixth", "EU"));

    HistoryChange change = key.receive(reversal(3, 3));

    assertThat(change.moves()).containsExactly(new Move(at(4, 0, 1), APPLIED, PENDING));
    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "6 on: 60.00, sixth, EU, rescued EU, created 2000, modified 2000, t-0@2");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2, DELETED, 1, PENDING, 1));
  }

  @Test
  void aReversalThatIsOlderThanAllEndsNothing() {
    key.receive(insert(3, 0, "30.00", "third", "EU"));

    HistoryChange change = key.receive(reversal(1, 1));

    assertThat(change.outcome()).isEqualTo(DELETED);
    assertThat(change.rows()).isEmpty();
  }

  @Test
  void aReversalThatCameBeforeItsRecordEndsIt() {
    key.receive(reversal(3, 0));
    assertThat(key.rows()).isEmpty();
    assertThat(key.total()).isEqualTo(Map.of(DELETED, 1));

    key.receive(insert(1, 1, "10.00", "first", "EU"));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 1));
  }

  @Test
  void aLateReversalDoesNotResurrect() {
    key.receive(reversal(3, 0));
    key.receive(insert(1, 1, "10.00", "first", "EU"));
    key.receive(reversal(2, 2));

    assertThat(key.rows())
        .containsExactly(
            "1 to 2: 10.00, first, EU, rescued EU, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DELETED, 2));
  }

  @Test
  void aCorrectionWaitsForARecordOfBeforeIt() {
    key.receive(correction(4, 0, "14.00", null));
    key.receive(insert(6, 1, "60.00", "sixth", "EU"));
    assertThat(key.rows())
        .containsExactly("6 on: 60.00, sixth, EU, rescued EU, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, PENDING, 1));

    HistoryChange change = key.receive(insert(2, 2, "20.00", "second", "EU"));

    assertThat(change.moves()).containsExactly(new Move(at(4, 0, 0), PENDING, APPLIED));
    assertThat(key.rows())
        .containsExactly(
            "2 to 4: 20.00, second, EU, rescued EU, created 2000, modified 2000, t-0@2",
            "4 to 6: 14.00, second, EU, rescued EU, created 2000, modified 0, t-0@0",
            "6 on: 60.00, sixth, EU, rescued EU, created 1000, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 3));
  }

  @Test
  void ofInsertsWithEqualOrderValuesTheHigherPartitionAndThenTheHigherOffsetLeavesARow() {
    key.receive(Orders.event(Kind.INSERT, 1, 1, 5, "15.00", "b", "EU"));
    key.receive(Orders.event(Kind.INSERT, 1, 0, 9, "9.00", "a", "EU"));
    HistoryChange change = key.receive(Orders.event(Kind.INSERT, 1, 1, 6, "16.00", "c", "EU"));

    assertThat(change.moves()).containsExactly(new Move(at(1, 1, 5), APPLIED, SUPERSEDED));
    assertThat(key.rows())
        .containsExactly("1 on: 16.00, c, EU, rescued EU, created 6000, modified 6000, t-1@6");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, SUPERSEDED, 2));
  }

  @Test
  void anInsertAndACorrectionWithEqualOrderValuesMakeOneRow() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(1, 1, "11.00", null));

    assertThat(key.rows())
        .containsExactly("1 on: 11.00, first, EU, rescued EU, created 0, modified 1000, t-0@1");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2));
  }

  @Test
  void anInsertAndAReversalWithEqualOrderValuesLeaveNoRow() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    HistoryChange change = key.receive(reversal(1, 1));

    assertThat(change.moves()).containsExactly(new Move(at(1, 0, 0), APPLIED, SUPERSEDED));
    assertThat(key.rows()).isEmpty();
    assertThat(key.total()).isEqualTo(Map.of(SUPERSEDED, 1, DELETED, 1));
  }

  @Test
  void aReversalAndAnInsertWithEqualOrderValuesLeaveNoGap() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(reversal(3, 1));
    key.receive(insert(3, 2, "30.00", "third", "EU"));

    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 on: 30.00, third, EU, rescued EU, created 2000, modified 2000, t-0@2");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 2, SUPERSEDED, 1));
  }

  @Test
  void aCorrectionIsSupersededWhenOthersOfItsOrderValueSetAllItsFields() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));
    key.receive(correction(3, 1, "13.00", "third"));
    key.receive(correction(3, 2, "14.00", null));
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 3));

    HistoryChange change = key.receive(correction(3, 3, null, "fourth"));

    assertThat(change.moves()).containsExactly(new Move(at(3, 0, 1), APPLIED, SUPERSEDED));
    assertThat(key.rows())
        .containsExactly(
            "1 to 3: 10.00, first, EU, rescued EU, created 0, modified 0, t-0@0",
            "3 on: 14.00, fourth, EU, rescued EU, created 0, modified 3000, t-0@3");
  }

  @Test
  void aCorrectionThatSetsNothingIsADuplicate() {
    key.receive(insert(1, 0, "10.00", "first", "EU"));

    assertThat(key.receive(correction(2, 1, null, null)).outcome()).isEqualTo(DUPLICATE);
    assertThat(key.held()).isEqualTo(1);
  }

  @Test
  void theSameRecordOfKafkaAThousandTimesCountsOnce() {
    for (int i = 0; i < 1_000; i++) {
      key.receive(insert(1, 7, "10.00", "first", "EU"));
    }

    assertThat(key.rows())
        .containsExactly("1 on: 10.00, first, EU, rescued EU, created 7000, modified 7000, t-0@7");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DUPLICATE, 999));
  }

  @Test
  void theSameContentSentAThousandTimesCountsOnceAndIsHeldOnce() {
    for (int offset = 0; offset < 1_000; offset++) {
      key.receive(insert(1, offset, "10.00", "first", "EU"));
    }

    assertThat(key.rows())
        .containsExactly(
            "1 on: 10.00, first, EU, rescued EU, created 999000, modified 999000, t-0@999");
    assertThat(key.total()).isEqualTo(Map.of(APPLIED, 1, DUPLICATE, 999));
    assertThat(key.held()).isEqualTo(1);
  }

  @Test
  void ofRepeatedEventsTheOneWithTheLowerCoordinatesIsTheDuplicate() {
    key.receive(insert(1, 1, "10.00", "first", "EU"));
    assertThat(key.receive(insert(1, 0, "10.00", "first", "EU")).outcome()).isEqualTo(DUPLICATE);
    assertThat(key.receive(insert(1, 2, "10.00", "first", "EU")).moves())
        .containsExactly(new Move(at(1, 0, 1), APPLIED, DUPLICATE));
    key.receive(correction(2, 4, "12.00", null));
    assertThat(key.receive(correction(2, 3, "12.00", null)).outcome()).isEqualTo(DUPLICATE);
    assertThat(key.receive(correction(2, 5, "12.00", null)).moves())
        .containsExactly(new Move(at(2, 0, 4), APPLIED, DUPLICATE));
    key.receive(reversal(3, 7));
    assertThat(key.receive(reversal(3, 6)).outcome()).isEqualTo(DUPLICATE);
    assertThat(key.receive(reversal(3, 8)).moves())
        .containsExactly(new Move(at(3, 0, 7), DELETED, DUPLICATE));

    assertThat(key.rows())
        .containsExactly(
            "1 to 2: 10.00, first, EU, rescued EU, created 2000, modified 2000, t-0@2",
            "2 to 3: 12.00, first, EU, rescued EU, created 2000, modified 5000, t-0@5");
    assertThat(key.held()).isEqualTo(3);
  }

  @Test
  void anEventThatIsInOrderNeedsNothingOfBeforeTheLastInsert() {
    List<Event> events =
        List.of(insert(1, 0, "10.00", "a", "EU"), reversal(3, 1), correction(4, 2, "1.00", null));

    assertThat(events)
        .extracting(event -> HistoryOfKey.isEnoughFrom(event, at(3, 0, 3)))
        .containsExactly(true, false, false);
    assertThat(events)
        .extracting(event -> HistoryOfKey.isEnoughFrom(event, at(5, 0, 3)))
        .containsExactly(true, true, false);
  }

  @Test
  void theLayoutOfAnEventStaysTheSame() {
    assertThat(
            new HistoryCodec(Orders.CONTRACT, Orders.CORRECTION_SETS).rowType().asSummaryString())
        .isEqualTo(
            "ROW<`kind` STRING NOT NULL, `order` BIGINT NOT NULL, `partition` INT NOT NULL,"
                + " `offset` BIGINT NOT NULL, `topic` STRING NOT NULL,"
                + " `kafka_timestamp` BIGINT NOT NULL, `previous` STRING,"
                + " `row` ROW<`amount` DECIMAL(18, 2), `description` STRING, `region` STRING>,"
                + " `rescued` STRING,"
                + " `correction` ROW<`description` STRING, `amount` DECIMAL(18, 2)>> NOT NULL");
  }

  private static Version at(long order, int partition, long offset) {
    return new Version(order, partition, offset, "t");
  }
}
