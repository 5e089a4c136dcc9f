package io.medallion.silver;

import java.io.IOException;

/** Leaves the decoding of one event; without a stack trace, since bad events may be many. */
final class RejectedEventException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  RejectedEventException(String rule, String reason) {
    super(reason);
    this.rule = rule;
  }

  DecodedEvent.Rejected rejected() {
    return new DecodedEvent.Rejected(rule, Excerpts.printable(getMessage()));
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
