package io.medallion.silver;

/**
 * How the numbers of a key's events in each final state change when an event comes. The event adds
 * one; others may move: waiting corrections become applied or superseded, and applied ones wait
 * again when a late reversal takes their record away. So the four always add up to one.
 */
record Tally(int applied, int superseded, int duplicate, int pending) {
  /**
   * The tally of one event.
   *
   * @param outcome what became of the event itself
   * @param pending how many more corrections wait now, the event included
   * @param released how many corrections stopped waiting for being superseded
   */
  static Tally of(Outcome outcome, int pending, int released) {
    int superseded = released + (outcome == Outcome.SUPERSEDED ? 1 : 0);
    int duplicate = outcome == Outcome.DUPLICATE ? 1 : 0;
    return new Tally(1 - superseded - duplicate - pending, superseded, duplicate, pending);
  }
}
