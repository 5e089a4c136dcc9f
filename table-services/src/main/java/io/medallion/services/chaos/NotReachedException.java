package io.medallion.services.chaos;

/** The moment that a fault waits for did not come in time: nothing was broken. */
final class NotReachedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotReachedException(String message) {
    super(message);
  }
}
