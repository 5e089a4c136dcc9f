package io.medallion.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.annotation.Nullable;
import org.apache.flink.types.Row;

/**
 * What the tables hold.
 *
 * @param tables rows by table ({@link #SILVER}, {@link #QUARANTINE} and each gold table), then by
 *     key
 * @param counts what the operators count, by name
 */
record Held(Map<String, Map<String, Row>> tables, Map<String, Long> counts) {
  static final String SILVER = "silver";
  static final String QUARANTINE = "quarantine";
  static final String COUNTS = "counts";
  static final String BY_DAY = "by_day";
  static final String BY_NOTE = "by_note";
  static final String BY_PAIR = "by_pair";

  Map<String, Row> table(String name) {
    return tables.getOrDefault(name, Map.of());
  }

  /** Every row and every count that is another one here than there. */
  List<Difference> differences(Held found) {
    List<Difference> differences = new ArrayList<>();
    for (String table : both(tables.keySet(), found.tables.keySet())) {
      Map<String, Row> expected = table(table);
      Map<String, Row> has = found.table(table);
      for (String key : both(expected.keySet(), has.keySet())) {
        if (!Objects.equals(expected.get(key), has.get(key))) {
          differences.add(new Difference(table, key, show(expected.get(key)), show(has.get(key))));
        }
      }
    }
    for (String name : both(counts.keySet(), found.counts.keySet())) {
      long expected = counts.getOrDefault(name, 0L);
      long has = found.counts.getOrDefault(name, 0L);
      if (expected != has) {
        differences.add(
            new Difference(COUNTS, name, String.valueOf(expected), String.valueOf(has)));
      }
    }
    return differences;
  }

  private static Set<String> both(Set<String> some, Set<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }

  private static String show(@Nullable Row row) {
    return row == null ? "no row" : row.toString();
  }

  /** The key of a row: the texts of its first columns. */
  static String key(Row row, int columns) {
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < columns; i++) {
      key.append(i == 0 ? "" : " ").append(row.getField(i));
    }
    return key.toString();
  }

  /** Without kinds, by key. */
  static Map<String, Row> byKey(Iterable<Row> rows, int keyColumns) {
    Map<String, Row> byKey = new TreeMap<>();
    rows.forEach(row -> byKey.put(key(row, keyColumns), row));
    return byKey;
  }
}
