package io.medallion.services.demo;

import java.util.List;

/**
 * A gold table compared with a recomputation from silver.
 *
 * @param rows rows of the recomputation
 * @param differing rows that only one side has or that differ in a value
 * @param examples some of the differing rows as text
 */
public record GoldCheck(String table, long rows, long differing, List<String> examples) {
  public GoldCheck {
    examples = List.copyOf(examples);
  }
}
