package io.medallion.services.sample;

import java.util.Optional;

/** One event to be sent: its bytes, its Kafka key, and why it was drawn. */
public final class Event {
  /** Why an event was drawn. */
  public enum Kind {
    IN_ORDER,
    OUT_OF_ORDER,
    DUPLICATE,
    CORRECTION,
    REVERSAL,
    INVALID,
    CORRUPT,
    RECORDED
  }

  private final Kind kind;
  private final Optional<String> key;
  private final byte[] value;

  Event(Kind kind, Optional<String> key, byte[] value) {
    this.kind = kind;
    this.key = key;
    this.value = value;
  }

  public Kind kind() {
    return kind;
  }

  /** Empty for an event without a key. */
  public Optional<String> key() {
    return key;
  }

  /** The event's own bytes, not a copy. */
  byte[] value() {
    return value;
  }
}
