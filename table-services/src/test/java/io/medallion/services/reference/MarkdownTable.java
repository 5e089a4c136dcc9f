package io.medallion.services.reference;

import java.util.Arrays;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** A table of a Markdown page, row by row. */
final class MarkdownTable {
  private final StringBuilder text = new StringBuilder();

  MarkdownTable(String... header) {
    row(header);
    text.append(Arrays.stream(header).map(name -> "---").collect(line())).append('\n');
  }

  MarkdownTable row(String... cells) {
    text.append(Arrays.stream(cells).map(cell -> cell.replace("|", "\\|")).collect(line()))
        .append('\n');
    return this;
  }

  private static Collector<CharSequence, ?, String> line() {
    return Collectors.joining(" | ", "| ", " |");
  }

  /** As code, unless there is nothing. */
  static String code(String text) {
    return text.isEmpty() ? "" : "`" + text + "`";
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
