package io.medallion.services.chaos;

/**
 * What an audit of the tables found.
 *
 * @param records of Kafka that must be there
 * @param missing of them in bronze
 * @param doubled in bronze, or there without being a record
 * @param unaccounted bronze rows that are in no final state of silver, or, below zero, in more than
 *     one
 */
record Verdict(long records, long missing, long doubled, long unaccounted) {
  boolean good() {
    return missing == 0 && doubled == 0 && unaccounted == 0;
  }

  String text() {
    return "audit: %,d records in Kafka, %,d missing in bronze, %,d doubled, %,d without one final state in silver"
        .formatted(records, missing, doubled, unaccounted);
  }
}
