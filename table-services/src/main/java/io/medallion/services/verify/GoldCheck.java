package io.medallion.services.verify;

import java.util.List;

/**
 * A gold table compared with a recomputation from silver.
 *
 * @param gold the commit as of which the table was read; empty for the table as it is now
 * @param silver the commit of silver up to which that one has read; empty for silver as it is now,
 *     and where nothing was read yet
 * @param rows rows of the recomputation
 * @param differing rows that only one side has or that differ in a value
 * @param examples some of the differing rows as text
 */
public record GoldCheck(
    String table, String gold, String silver, long rows, long differing, List<String> examples) {
  public GoldCheck {
    examples = List.copyOf(examples);
  }

  /** Whether gold is what its recomputation says. */
  public boolean equal() {
    return differing == 0;
  }
}
