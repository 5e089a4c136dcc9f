package io.medallion.io;

/** A table does not hold the state after a commit any more; the message names both. */
public final class NotHeldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotHeldException(String message) {
    super(message);
  }
}
