package io.medallion.histories;

/**
 * A row that is not what the model says.
 *
 * @param key of the row
 * @param expected the row by the model, or that there is none
 * @param found the row of the table, or that there is none
 */
record Difference(String table, String key, String expected, String found) {
  /** Whether the row is of the history of a record. */
  boolean isOf(Sent sent) {
    return switch (table) {
      case Held.SILVER -> key.startsWith("h%d-".formatted(sent.said().history()));
      case Held.QUARANTINE -> key.equals(sent.place());
      case Held.COUNTS -> false;
      default -> key.startsWith(sent.said().history() + " ");
    };
  }

  @Override
  public String toString() {
    return "%s %s%n    expected %s%n    found    %s".formatted(table, key, expected, found);
  }
}
