package io.medallion.schemas;

import java.util.regex.Pattern;

/** A query that Flink refuses; the message is the planner's, in one line. */
final class UnplannableQueryException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final Pattern PREFIX = Pattern.compile("^SQL (validation|parse) failed\\. ");

  /** What the planner adds that helps nobody: every token it knows, and its own node names. */
  private static final Pattern REST =
      Pattern.compile("(\\s*Was expecting|\\s*which is produced by node ).*", Pattern.DOTALL);

  private static final Pattern POSITION =
      Pattern.compile(
          "From line \\d+, column \\d+ to line \\d+, column \\d+: | at line \\d+, column \\d+");

  UnplannableQueryException(Throwable cause) {
    super(oneLine(cause), cause);
  }

  /** The message without line and column, for SQL that the user wrote only a part of. */
  String withoutPosition() {
    return POSITION.matcher(getMessage()).replaceAll("");
  }

  private static String oneLine(Throwable thrown) {
    Throwable telling = thrown;
    while (!telling.getClass().getName().startsWith("org.apache.flink.table.api.")
        && telling.getCause() != null) {
      telling = telling.getCause();
    }
    String message = telling.getMessage() == null ? telling.toString() : telling.getMessage();
    message = REST.matcher(PREFIX.matcher(message).replaceFirst("")).replaceFirst("");
    return message.replaceAll("\\s+", " ").strip();
  }
}
