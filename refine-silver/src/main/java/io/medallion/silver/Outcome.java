package io.medallion.silver;

/** What became of an event when it met its key. */
enum Outcome {
  /** It made or changed the record, or deleted it, or will keep older ones from appearing. */
  APPLIED,
  /** It is older than what silver holds. */
  SUPERSEDED,
  /** Silver holds the same already. */
  DUPLICATE,
  /** A correction whose record has not come yet. */
  PENDING
}
