package io.medallion.services.sample;

import java.util.Optional;

/** Events in the order in which they are to be sent. */
public interface EventSource {
  /** The next event; empty when there are no more. */
  Optional<Event> next();

  /**
   * Lets the stream come to its end: nothing new begins, and {@link #next} gives what was begun and
   * held back.
   */
  void finish();
}
