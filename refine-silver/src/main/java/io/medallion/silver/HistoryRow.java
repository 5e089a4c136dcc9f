package io.medallion.silver;

import io.medallion.silver.KeyState.Correction;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.annotation.Nullable;

/**
 * One version of a key: the record that its events make from one order value to another.
 *
 * @param from the order value of the event that made it
 * @param to the order value of the event that ended it, from which on it does not hold; null while
 *     it is current
 * @param state the insert and the corrections that it is made of
 */
record HistoryRow(long from, @Nullable Long to, KeyState state) {
  boolean isSame(HistoryRow other) {
    return from == other.from && Objects.equals(to, other.to) && hasSameRecord(other);
  }

  /** Whether it is made of the same events as another row, wherever the two end. */
  boolean hasSameRecord(HistoryRow other) {
    return state.base().at().equals(other.state.base().at())
        && correctedBy().equals(other.correctedBy());
  }

  private Map<String, Version> correctedBy() {
    Map<String, Version> by = new HashMap<>();
    for (Map.Entry<String, Correction> field : state.corrections().entrySet()) {
      by.put(field.getKey(), field.getValue().at());
    }
    return by;
  }
}
