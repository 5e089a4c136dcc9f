package io.medallion.services;

/** Whether somebody watches, and what their terminal understands. */
public final class Terminal {
  /** Clears the rest of the line. */
  public static final String CLEAR_LINE = "\u001b[K";

  /** Moves to the top left corner and clears the screen. */
  public static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

  private Terminal() {}

  /** Whether standard input and output are a terminal, not a file or a pipe. */
  // From JDK 22 on there is a console even then; this project runs on 17, which its build enforces.
  @SuppressWarnings("SystemConsoleNull")
  public static boolean attached() {
    return System.console() != null;
  }
}
