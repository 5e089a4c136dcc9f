package io.medallion.services.chaos;

import java.time.Duration;

/**
 * One fault of a schedule.
 *
 * @param number from 1 on
 * @param delay from the recovery of the fault before it
 * @param amount how much of it, in the unit of its kind
 * @param target which of several, where there are several; not negative, to be taken modulo
 * @param seed of what is drawn while it lasts
 */
record PlannedFault(int number, FaultKind kind, Duration delay, int amount, int target, long seed) {

  /** The amount as seconds. */
  Duration seconds() {
    return Duration.ofSeconds(amount);
  }

  @Override
  public String toString() {
    return "%4d  after %.1f s  %s%s"
        .formatted(number, delay.toMillis() / 1e3, kind.label(), kind.amounts().of(amount));
  }
}
