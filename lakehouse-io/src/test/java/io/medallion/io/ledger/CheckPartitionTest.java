package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.io.ledger.ScanOffsets.Scanned;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A clean partition of ten offsets, and what is found when one thing about it is changed. */
class CheckPartitionTest {
  private static final String PARTITION = "transactions-0";
  private static final String BRONZE = "bronze.transactions";

  private final Findings findings = new Findings();
  private final Map<String, Long> states =
      new TreeMap<>(
          Map.of(
              "applied",
              4L,
              "superseded",
              1L,
              "duplicate",
              1L,
              "quarantined",
              2L,
              "pending",
              1L,
              "deleted",
              1L));
  private Span committed = new Span(0, 10);
  private long countedRows = 10;
  private long silverReadUpTo = 50;
  private long quarantineReadUpTo = 50;
  private long countedQuarantine = 2;
  private long countedReplayed;
  private Scanned rows = scanned(LongStream.range(0, 10).toArray());
  private Scanned quarantined = scanned(3, 4);

  @Test
  void nothingIsOff() {
    // When
    PartitionLedger ledger = check(0, 12, LongStream.range(0, 12).toArray());

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(ledger)
        .isEqualTo(
            new PartitionLedger(
                PARTITION, new Span(0, 12), new Span(0, 10), 10, 0, 0, 0, 0, 10, states, 0, 2));
  }

  @Test
  void rowsThatSilverHasNotReadYetAreNotOff() {
    // Given
    rows = scanned(LongStream.range(0, 10).toArray());
    rows.add(10, false);
    committed = new Span(0, 11);
    countedRows = 11;

    // When
    PartitionLedger ledger = check(0, 11);

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(ledger.refined()).isEqualTo(10);
    assertThat(ledger.notYetRefined()).isEqualTo(1);
    assertThat(ledger.notYetIngested()).isZero();
  }

  @Test
  void aPartitionThatNothingWasReadOfIsNotYetIngested() {
    // Given
    rows = new Scanned();
    quarantined = new Scanned();
    countedRows = 0;
    countedQuarantine = 0;
    states.clear();
    committed = null;

    // When
    PartitionLedger ledger = check(5, 12);

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(ledger.committed()).isEqualTo(new Span(5, 5));
    assertThat(ledger.notYetIngested()).isEqualTo(7);
  }

  @Test
  void aMissingOffsetThatKafkaHasIsNamed() {
    // Given
    rows = scanned(0, 1, 2, 3, 4, 8, 9);
    countedRows = 7;
    states.put("applied", 1L);

    // When
    PartitionLedger ledger = check(0, 10, 0, 1, 2, 3, 4, 5, 6, 8, 9);

    // Then
    assertThat(ledger.missing()).isEqualTo(2);
    assertThat(ledger.kafkaGaps()).isEqualTo(1);
    assertFound(
        Finding.Kind.MISSING_OFFSETS,
        "transactions-0: offsets 5 to 6 (2) are missing in bronze.transactions; Kafka has records there.");
  }

  @Test
  void gapsThatKafkaHasItselfAreNotMissing() {
    // Given
    rows = scanned(0, 1, 2, 3, 4, 8, 9);
    countedRows = 7;
    states.put("applied", 1L);

    // When
    PartitionLedger ledger = check(0, 10, 0, 1, 2, 3, 4, 8, 9);

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(ledger.missing()).isZero();
    assertThat(ledger.kafkaGaps()).isEqualTo(3);
  }

  @Test
  void aMissingOffsetThatKafkaHasDeletedIsNamedWithTheDoubt() {
    // Given
    rows = scanned(0, 2, 3, 4, 5, 6, 7, 8, 9);
    countedRows = 9;
    states.put("applied", 3L);

    // When
    PartitionLedger ledger = check(4, 10, LongStream.range(0, 10).toArray());

    // Then
    assertThat(ledger.missing()).isEqualTo(1);
    assertFound(
        Finding.Kind.MISSING_OFFSETS,
        "transactions-0: offset 1 is missing in bronze.transactions; Kafka does not have it any more and cannot tell whether it was a record.");
  }

  @Test
  void withoutKafkaEveryOffsetWithoutARowIsMissing() {
    // Given
    rows = scanned(0, 1, 2, 3, 4, 8, 9);
    countedRows = 7;
    states.put("applied", 1L);

    // When
    PartitionLedger ledger = checkPartition().check(Optional.empty());

    // Then
    assertThat(ledger.missing()).isEqualTo(3);
    assertThat(ledger.kafka()).isEqualTo(new Span(0, 0));
    assertThat(ledger.notYetIngested()).isZero();
    assertFound(
        Finding.Kind.MISSING_OFFSETS,
        "transactions-0: offsets 5 to 7 (3) are missing in bronze.transactions; Kafka was not asked whether it has records there.");
  }

  @Test
  void aDoubledOffsetIsNamed() {
    // Given
    rows.add(7, true);
    countedRows = 11;
    states.put("duplicate", 2L);

    // When
    PartitionLedger ledger = check(0, 10);

    // Then
    assertThat(ledger.doubled()).isEqualTo(1);
    assertThat(ledger.rows()).isEqualTo(11);
    assertFound(
        Finding.Kind.DOUBLED_OFFSETS,
        "transactions-0: offset 7 has more than one row in bronze.transactions.");
  }

  @Test
  void aRowThatNoCommitTookIsNamed() {
    // Given
    rows.add(12, true);
    rows.add(13, true);
    countedRows = 12;
    states.put("applied", 6L);

    // When
    PartitionLedger ledger = check(0, 20);

    // Then
    assertThat(ledger.unaccounted()).isEqualTo(2);
    assertFound(
        Finding.Kind.UNACCOUNTED_OFFSETS,
        "transactions-0: offsets 12 to 13 (2) have rows in bronze.transactions, but its commits took 0 to 10 only.");
  }

  @Test
  void aCounterOfBronzeThatIsNotItsRowsIsNamed() {
    // Given
    countedRows = 12;

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.BRONZE_ROWS,
        "transactions-0: bronze.transactions has 10 rows, but its commit 99 counts 12 rows.");
  }

  @Test
  void aPositionBeyondKafkasEndIsNamed() {
    // When
    check(0, 9);

    // Then
    assertFound(
        Finding.Kind.BEYOND_KAFKA,
        "transactions-0: bronze.transactions took offsets up to 9, but Kafka ends at 9: the topic was made anew, or Kafka lost records.");
  }

  @Test
  void anEventInNoFinalStateIsNoticed() {
    // Given
    states.put("superseded", 0L);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.STATES,
        "transactions-0: silver.transactions has read 10 rows of bronze.transactions, but its final states are of 9: applied 4, superseded 0, duplicate 1, quarantined 2, pending 1, deleted 1.");
  }

  @Test
  void anEventInTwoFinalStatesIsNoticed() {
    // Given
    states.put("deleted", 2L);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.STATES,
        "transactions-0: silver.transactions has read 10 rows of bronze.transactions, but its final states are of 11: applied 4, superseded 1, duplicate 1, quarantined 2, pending 1, deleted 2.");
  }

  @Test
  void aQuarantineRowTooFewIsNoticed() {
    // Given
    quarantined = scanned(3);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_ROWS,
        "transactions-0: silver.transactions_quarantine has 1 rows, but its commit 99 counts 2 quarantined events.");
  }

  @Test
  void aQuarantineRowTooManyIsNoticed() {
    // Given
    quarantined = scanned(3, 4, 5);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_ROWS,
        "transactions-0: silver.transactions_quarantine has 3 rows, but its commit 99 counts 2 quarantined events.");
  }

  @Test
  void anOffsetTwiceInQuarantineIsNoticed() {
    // Given as many rows as are counted
    quarantined = scanned(3, 3);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_DOUBLED,
        "transactions-0: offset 3 has more than one row in silver.transactions_quarantine.");
  }

  @Test
  void anOffsetInQuarantineThatBronzeDoesNotHaveIsNoticed() {
    // Given
    quarantined = scanned(3, 77);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_UNKNOWN,
        "transactions-0: offset 77 is in silver.transactions_quarantine, but not in bronze.transactions.");
  }

  @Test
  void silverAndQuarantineThatReadTheSameMustCountTheSame() {
    // Given
    countedQuarantine = 3;
    quarantined = scanned(3, 4, 5);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_COUNTS,
        "transactions-0: silver.transactions counts 2 quarantined events up to bronze commit 50, silver.transactions_quarantine 3 up to 50.");
  }

  @Test
  void quarantineThatHasReadMoreMayCountMore() {
    // Given
    countedQuarantine = 3;
    quarantined = scanned(3, 4, 5);
    quarantineReadUpTo = 51;

    // When
    check(0, 10);

    // Then
    assertThat(findings.all()).isEmpty();
  }

  @Test
  void quarantineThatHasReadLessMayNotCountMore() {
    // Given
    countedQuarantine = 3;
    quarantined = scanned(3, 4, 5);
    quarantineReadUpTo = 49;

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_COUNTS,
        "transactions-0: silver.transactions counts 2 quarantined events up to bronze commit 50, silver.transactions_quarantine 3 up to 49.");
  }

  @Test
  void aReplayedEventIsInTheStateThatItHasInSilver() {
    // Given
    replayed(3);

    // When
    PartitionLedger ledger = check(0, 10);

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(ledger.states())
        .isEqualTo(
            Map.of(
                "applied", 5L,
                "superseded", 1L,
                "duplicate", 1L,
                "quarantined", 1L,
                "pending", 1L,
                "deleted", 1L));
  }

  @Test
  void aReplayThatSilverHasCountedAndQuarantineHasNotYetIsNotOff() {
    // Given
    replayed(3);
    quarantined = scanned(3, 4);
    countedQuarantine = 2;
    countedReplayed = 0;

    // When
    check(0, 10);

    // Then
    assertThat(findings.all()).isEmpty();
  }

  @Test
  void aLostRowOfAReplayIsCounted() {
    // Given
    replayed(3);
    quarantined = scanned(3, 4);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_ROWS,
        "transactions-0: silver.transactions_quarantine has 0 rows, but its commit 99 counts 1 replayed events.");
  }

  @Test
  void anEventThatWasReplayedTwiceIsNamed() {
    // Given
    replayed(3);
    quarantined.replayed(3);
    countedQuarantine = 0;
    countedReplayed = 2;
    states.merge("quarantined", -1L, Long::sum);
    states.merge("replayed", 1L, Long::sum);
    states.merge("applied", 1L, Long::sum);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_DOUBLED,
        "transactions-0: offset 3 has more than one row of a replay in silver.transactions_quarantine.");
  }

  @Test
  void aReplayOfAnEventThatWasNotInQuarantineIsNamed() {
    // Given
    replayed(5);

    // When
    check(0, 10);

    // Then
    assertFound(
        Finding.Kind.QUARANTINE_UNKNOWN,
        "transactions-0: offset 5 is in silver.transactions_quarantine by a replay, but not before it.");
  }

  private void replayed(long offset) {
    quarantined.replayed(offset);
    countedQuarantine--;
    countedReplayed++;
    states.merge("quarantined", -1L, Long::sum);
    states.merge("replayed", 1L, Long::sum);
    states.merge("applied", 1L, Long::sum);
  }

  private PartitionLedger check(long kafkaBegin, long kafkaEnd, long... records) {
    return checkPartition()
        .check(
            Optional.of(
                new KafkaOffsets(
                    new RecordsInKafka(kafkaBegin, kafkaEnd, 500, records),
                    "k:1",
                    List.of("transactions"))));
  }

  private CheckPartition checkPartition() {
    return new CheckPartition(
        PARTITION,
        table(
            BRONZE,
            committed == null ? Map.of() : Map.of(PARTITION, committed),
            Map.of(Progress.ROWS, countedRows)),
        table("silver.transactions", Map.of(BRONZE, new Span(0, silverReadUpTo)), states),
        table(
            "silver.transactions_quarantine",
            Map.of(BRONZE, new Span(0, quarantineReadUpTo)),
            Map.of(Progress.QUARANTINED, countedQuarantine, Progress.REPLAYED, countedReplayed)),
        rows,
        quarantined,
        findings);
  }

  private static WalkedTable table(
      String name, Map<String, Span> position, Map<String, Long> counts) {
    return new WalkedTable(
        new TableLedger(name, 1, 0, "1", "99", -1),
        position,
        Lake.progress(position, Map.of(), Map.of(PARTITION, counts)));
  }

  private static Scanned scanned(long... offsets) {
    Scanned scanned = new Scanned();
    for (long offset : offsets) {
      scanned.add(offset, true);
    }
    return scanned;
  }

  private void assertFound(Finding.Kind kind, String words) {
    assertThat(findings.all()).containsExactly(new Finding(kind, 1, List.of(words)));
  }
}
