package io.medallion.services.verify;

import io.medallion.services.TextTable;
import java.util.ArrayList;
import java.util.List;

/**
 * A comparison for a reader: one line for each table, the rows that differ, one line that says
 * whether.
 */
final class GoldText {
  private GoldText() {}

  static String of(List<GoldCheck> checks) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("table", "rows", "differing", "as of", "silver as of"));
    for (GoldCheck check : checks) {
      rows.add(
          List.of(
              "gold." + check.table(),
              "%,d".formatted(check.rows()),
              "%,d".formatted(check.differing()),
              check.gold().isEmpty() ? "-" : check.gold(),
              check.silver().isEmpty() ? "-" : check.silver()));
    }
    List<String> lines = new ArrayList<>(TextTable.lines(rows));
    lines.add("");
    for (GoldCheck check : checks) {
      check.examples().forEach(example -> lines.add("gold." + check.table() + ": " + example));
    }
    long differing = checks.stream().mapToLong(GoldCheck::differing).sum();
    lines.add(
        differing == 0
            ? "Gold equals its recomputation: %,d rows."
                .formatted(checks.stream().mapToLong(GoldCheck::rows).sum())
            : "Gold differs from its recomputation: %,d rows.".formatted(differing));
    return String.join("\n", lines) + "\n";
  }
}
