package io.medallion.services.demo;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a failure says: its messages and those of its causes, without stack frames. */
final class FailureMessages {
  private static final Pattern FRAME = Pattern.compile("^\\s+(at |\\.\\.\\. \\d+ more)");
  private static final int MOST = 40;

  private FailureMessages() {}

  /** The lines of a program's output or of a stack trace that are not frames, indented. */
  static String of(String output) {
    return output
        .lines()
        .filter(line -> !line.isBlank() && !FRAME.matcher(line).find())
        .limit(MOST)
        .map("    "::concat)
        .collect(Collectors.joining("\n"));
  }
}
