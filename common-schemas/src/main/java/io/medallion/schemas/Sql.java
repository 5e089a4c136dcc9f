package io.medallion.schemas;

import java.util.Optional;

/** The text of a query, and how names and values are written into one. */
final class Sql {
  private Sql() {}

  /** The one query of a file, without the semicolon that may end it. */
  static Optional<String> read(Section section, PipelineFiles files, String name) {
    Optional<String> sql =
        files.read(section, "query", name).map(String::strip).map(Sql::withoutSemicolon);
    if (sql.filter(String::isEmpty).isPresent()) {
      section.problem("query", name + ", which is empty", "one SELECT", "Write the query.");
      return Optional.empty();
    }
    return sql;
  }

  private static String withoutSemicolon(String sql) {
    return sql.endsWith(";") ? sql.substring(0, sql.length() - 1).stripTrailing() : sql;
  }

  static String identifier(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
