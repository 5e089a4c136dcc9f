package io.medallion.services.demo;

import java.util.List;

/**
 * Some rows of a gold table, to be shown.
 *
 * @param rows as text, one value for each column
 */
public record GoldRows(String table, List<String> columns, List<List<String>> rows) {
  public GoldRows {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
  }
}
