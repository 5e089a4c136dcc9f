package io.medallion.io.ledger;

import io.medallion.io.Span;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the records of one Kafka partition.
 *
 * @param partition {@code "topic-partition"}
 * @param kafka the offsets that Kafka has, empty when it was not asked
 * @param committed the offsets that the commits of bronze took
 * @param rows rows in bronze, repetitions counted
 * @param missing committed offsets that bronze has no row of and that are not gaps of Kafka's
 * @param doubled offsets with more than one row in bronze
 * @param unaccounted offsets with a row in bronze that no commit took
 * @param kafkaGaps committed offsets at which Kafka has no record: markers of transactions, aborted
 *     and compacted records
 * @param refined rows of bronze that silver has read
 * @param states of the events that silver has read, how many are in each of {@link
 *     io.medallion.io.Progress#FINAL_STATES}
 * @param notYetRefined rows of bronze that silver has still to read
 * @param notYetIngested offsets of Kafka that bronze has still to read; 0 when Kafka was not asked
 */
public record PartitionLedger(
    String partition,
    Span kafka,
    Span committed,
    long rows,
    long missing,
    long doubled,
    long unaccounted,
    long kafkaGaps,
    long refined,
    Map<String, Long> states,
    long notYetRefined,
    long notYetIngested) {
  public PartitionLedger {
    states = new TreeMap<>(states);
  }
}
