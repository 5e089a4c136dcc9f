package io.medallion.silver;

import java.util.Map;
import java.util.stream.Collectors;
import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * All that must be known of a key's events, whatever comes next: the newest event that set the
 * whole record (an insert or a reversal), and for each correctable field the newest correction
 * after it. Everything older can never matter again.
 *
 * @param base the newest insert or reversal, or null when there was none
 * @param corrections by field, its newest correction after the base
 */
record KeyState(@Nullable Base base, Map<String, Correction> corrections) {
  static final KeyState EMPTY = new KeyState(null, Map.of());

  KeyState {
    corrections = Map.copyOf(corrections);
  }

  /**
   * An insert or a reversal.
   *
   * @param row the contract's fields of an insert, null for a reversal
   * @param rescued what the insert has beside the contract's fields, or null
   */
  record Base(
      Version at, long kafkaTimestamp, @Nullable RowData row, @Nullable StringData rescued) {
    boolean isInsert() {
      return row != null;
    }
  }

  /**
   * The newest value that a correction gives a field.
   *
   * @param value in Flink's internal type, never null: a correction sets nothing to null
   */
  record Correction(Version at, long kafkaTimestamp, Object value) {}

  /** Whether the version comes after the base; if not, its event cannot change anything. */
  boolean isBefore(Version version) {
    return base == null || version.isAfter(base.at);
  }

  boolean hasRecord() {
    return base != null && base.isInsert();
  }

  /** How many corrections wait for a record. */
  int waiting() {
    return hasRecord() ? 0 : heldCorrections();
  }

  /** How many corrections are the newest for any field. */
  int heldCorrections() {
    return corrections.size() < 2
        ? corrections.size()
        : (int) corrections.values().stream().map(Correction::at).distinct().count();
  }

  /** With another base, which drops the corrections before it. */
  KeyState withBase(Base newer) {
    if (corrections.isEmpty()) {
      return new KeyState(newer, corrections);
    }
    return new KeyState(
        newer,
        corrections.entrySet().stream()
            .filter(correction -> correction.getValue().at().isAfter(newer.at()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }
}
