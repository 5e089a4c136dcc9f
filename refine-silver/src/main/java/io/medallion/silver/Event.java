package io.medallion.silver;

import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * One decoded event of a key.
 *
 * @param at its place in the order of the key's events
 * @param kafkaTimestamp when Kafka took the record, epoch milliseconds
 * @param row the contract's fields
 * @param rescued fields that the contract does not know, or null when there are none
 */
record Event(
    Kind kind, Version at, long kafkaTimestamp, RowData row, @Nullable StringData rescued) {
  /** What an event does to the record of its key. */
  enum Kind {
    /** Creates the record or replaces it whole. */
    INSERT,
    /** Sets some fields of an existing record. */
    CORRECTION,
    /** Deletes the record. */
    REVERSAL
  }
}
