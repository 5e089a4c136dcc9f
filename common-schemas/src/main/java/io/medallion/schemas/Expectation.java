package io.medallion.schemas;

import java.io.Serializable;
import java.util.List;

/**
 * One quality rule. It is judged per event on the SELECT of that event alone, and violated only
 * when its condition is false: an unknown (a null operand) passes, as in a CHECK constraint of SQL.
 * A correction carries nulls for what it does not set, so {@code not-null} rules ask corrections
 * and reversals for key and order columns only.
 *
 * @param name what quarantine rows and metrics call the rule
 * @param condition an SQL condition over the silver columns and {@code _now}, the Kafka timestamp
 *     of the event; generated for the built-in kinds
 * @param notNull the columns of a not-null rule; empty for every other kind
 * @param otherwise what a violation does
 */
public record Expectation(String name, String condition, List<String> notNull, Violation otherwise)
    implements Serializable {
  public Expectation {
    notNull = List.copyOf(notNull);
  }

  /** What a violation does. */
  public enum Violation {
    /** Counts it; the event goes on. */
    WARN,
    /** Puts the event into the quarantine table. */
    QUARANTINE,
    /** Fails the job, naming the rule and the event's Kafka coordinates. */
    FAIL
  }
}
