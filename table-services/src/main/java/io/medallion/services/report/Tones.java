package io.medallion.services.report;

import io.medallion.schemas.TableDefinition;

/** The names of colours; {@code report.css} has their values for light and dark. */
final class Tones {
  private static final String LIGHT = " light";

  private Tones() {}

  /** Of a table's layer; a second series of the same tone gets another colour. */
  static String of(TableDefinition table) {
    return table.layer().database();
  }

  /** Beside it, of what belongs to the same table. */
  static String light(TableDefinition table) {
    return of(table) + LIGHT;
  }
}
