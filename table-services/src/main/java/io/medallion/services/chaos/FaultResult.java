package io.medallion.services.chaos;

import java.time.Duration;
import java.util.Optional;

/** What came of one fault. */
final class FaultResult {
  /** How a fault ended. */
  enum Outcome {
    /** Every layer went on. */
    RECOVERED,
    /** A layer did not go on within the limit, or something else than expected happened. */
    NOT_RECOVERED,
    /** The moment to break did not come; nothing was broken. */
    NOT_REACHED
  }

  private final PlannedFault planned;
  private Outcome outcome = Outcome.NOT_REACHED;
  private Duration toBronze;
  private Duration toGold;
  private String note = "";
  private long lost;
  private long doubled;
  private long partialReads;

  FaultResult(PlannedFault planned) {
    this.planned = planned;
  }

  PlannedFault planned() {
    return planned;
  }

  synchronized void recovered(Duration bronze, Duration gold) {
    outcome = Outcome.RECOVERED;
    toBronze = bronze;
    toGold = gold;
  }

  synchronized void notRecovered(String why) {
    outcome = Outcome.NOT_RECOVERED;
    note = why;
  }

  synchronized void notReached(String why) {
    outcome = Outcome.NOT_REACHED;
    note = why;
  }

  synchronized void wrong(long moreLost, long moreDoubled) {
    lost += moreLost;
    doubled += moreDoubled;
  }

  synchronized void partialRead() {
    partialReads++;
  }

  /** Whether no record was lost or doubled, and no snapshot was a partial one. */
  synchronized boolean nothingWrong() {
    return lost + doubled + partialReads == 0;
  }

  synchronized Outcome outcome() {
    return outcome;
  }

  /** From the fault to the first commit of bronze with an event newer than it. */
  synchronized Optional<Duration> toBronze() {
    return Optional.ofNullable(toBronze);
  }

  /** The same until that event's changes are in gold. */
  synchronized Optional<Duration> toGold() {
    return Optional.ofNullable(toGold);
  }

  synchronized String note() {
    return note;
  }

  synchronized long lost() {
    return lost;
  }

  synchronized long doubled() {
    return doubled;
  }

  synchronized long partialReads() {
    return partialReads;
  }
}
