package io.medallion.services.status;

import java.util.Locale;

/** How a table keeps up with what it is made of, the best first. */
public enum FreshnessState {
  /** Nothing waits that it could take. */
  IDLE,
  /** What comes is taken, and nothing waits for longer than the objective. */
  HEALTHY,
  /** Commits go on, but something has been waiting for longer than the objective. */
  CATCHING_UP,
  /** Something waits, and nothing is committed. */
  STALLED;

  /** As it is written: {@code catching-up}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return label();
  }
}
