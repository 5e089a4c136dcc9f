package io.medallion.services;

/**
 * A command cannot go on, for a reason that its user can act on: the message says which thing, what
 * was expected and what to do next, and is printed without a stack trace.
 */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailedException(String message) {
    super(message);
  }

  public CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
