package io.medallion.schemas;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a query, and how names and values are written into one. */
public final class Sql {
  /** A text, a name in backquotes, or what stands for a blank: comments, but no hints. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "('(?:[^']|'')*+'|`[^`]*`)|(?:\\s|--[^\n]*|/\\*(?!\\+)(?:[^*]|\\*(?!/))*+\\*/)++");

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

  /** The same query with one blank for each comment and each run of blanks. */
  static String withoutComments(String sql) {
    return TOKEN
        .matcher(sql)
        .replaceAll(
            token -> token.group(1) == null ? " " : Matcher.quoteReplacement(token.group(1)))
        .strip();
  }

  /** Whether a query may name a table: whether its name is there outside of texts and comments. */
  static boolean mentions(String sql, String table) {
    String names =
        TOKEN
            .matcher(sql)
            .replaceAll(
                token ->
                    token.group(1) != null && token.group(1).startsWith("`")
                        ? Matcher.quoteReplacement(token.group(1))
                        : " ");
    return Pattern.compile("(?<!\\w)" + Pattern.quote(table) + "(?!\\w)").matcher(names).find();
  }

  /** A name as SQL takes it, whatever it holds. */
  public static String identifier(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
