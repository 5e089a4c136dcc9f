package io.medallion.silver;

import java.util.Map;
import java.util.Set;
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

    /** What has become of it, as long as it is held. */
    Outcome outcome() {
      return isInsert() ? Outcome.APPLIED : Outcome.DELETED;
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

  /** The corrections that are the newest for any field, each once. */
  Set<Version> heldCorrections() {
    return corrections.values().stream().map(Correction::at).collect(Collectors.toSet());
  }

  /** What has become of the corrections that are held. */
  Outcome ofCorrections() {
    return hasRecord() ? Outcome.APPLIED : Outcome.PENDING;
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
