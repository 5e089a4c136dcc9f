package io.medallion.silver;

import io.medallion.io.Progress;

/** What has become of an event that met its key; with quarantine these are the final states. */
enum Outcome {
  /** It made or changed the record. */
  APPLIED(Progress.APPLIED),
  /** It deleted the record, or keeps older events from making one. */
  DELETED(Progress.DELETED),
  /** It is older than what silver holds; in a history, than another event of its order value. */
  SUPERSEDED(Progress.SUPERSEDED),
  /** Silver holds the same from another event, or from this one already. */
  DUPLICATE(Progress.DUPLICATE),
  /** A correction whose record has not come yet. */
  PENDING(Progress.PENDING);

  private final String counter;

  Outcome(String counter) {
    this.counter = counter;
  }

  /** The name that {@link Progress} counts it by. */
  String counter() {
    return counter;
  }
}
