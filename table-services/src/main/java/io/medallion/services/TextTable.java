package io.medallion.services;

import java.util.List;

/** Rows as lines of aligned columns, for a reader. */
public final class TextTable {
  private TextTable() {}

  /**
   * The first column to the left, the others to the right.
   *
   * @param rows of the same number of columns, the head first
   */
  public static List<String> lines(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    rows.forEach(
        row -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    return rows.stream()
        .map(
            row -> {
              StringBuilder line = new StringBuilder();
              for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
              }
              return line.toString().stripTrailing();
            })
        .toList();
  }
}
