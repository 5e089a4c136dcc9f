package io.medallion.services.chaos;

/**
 * The offsets of bronze against those of Kafka, counted without any commit's help.
 *
 * @param records of Kafka that must be there
 * @param missing of them in bronze
 * @param doubled in bronze, or there without being a record
 */
record OffsetCount(long records, long missing, long doubled) {
  boolean good() {
    return missing == 0 && doubled == 0;
  }

  OffsetCount plus(OffsetCount other) {
    return new OffsetCount(
        records + other.records, missing + other.missing, doubled + other.doubled);
  }
}
