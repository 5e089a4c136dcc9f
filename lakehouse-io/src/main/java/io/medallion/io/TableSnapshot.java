package io.medallion.io;

import java.util.Map;
import java.util.TreeMap;

/**
 * A state of a table that a reader can go back to, and what it was made of.
 *
 * @param instant of the newest commit in it, whoever wrote that
 * @param position where the table's job goes on with each input, as {@link Progress#nextByInput}
 */
public record TableSnapshot(String instant, Map<String, Long> position) {
  public TableSnapshot {
    position = new TreeMap<>(position);
  }
}
