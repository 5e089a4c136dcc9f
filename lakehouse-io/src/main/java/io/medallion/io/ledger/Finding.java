package io.medallion.io.ledger;

import java.util.List;
import java.util.Locale;

/**
 * What an audit found of one kind.
 *
 * @param count how many there are
 * @param examples the first of them in words, at most {@link #EXAMPLES}
 */
public record Finding(Kind kind, long count, List<String> examples) {
  /** How many of a kind are named. */
  public static final int EXAMPLES = 20;

  public Finding {
    examples = List.copyOf(examples);
  }

  /** What can be off. */
  public enum Kind {
    /** Offsets that Kafka may have had records at and bronze has no row of. */
    MISSING_OFFSETS,
    /** Offsets with more than one row in bronze. */
    DOUBLED_OFFSETS,
    /** Rows in bronze at offsets that no commit says it took. */
    UNACCOUNTED_OFFSETS,
    /** Bronze holds another number of rows than its newest commit counts. */
    BRONZE_ROWS,
    /** Commits took offsets that Kafka does not have yet. */
    BEYOND_KAFKA,
    /** The final states of a Kafka partition are not as many as the rows that silver has read. */
    STATES,
    /** Silver holds another number of rows than its newest commit counts. */
    SILVER_ROWS,
    /** Quarantine holds another number of rows than its newest commit counts. */
    QUARANTINE_ROWS,
    /** Silver and quarantine count quarantined events differently. */
    QUARANTINE_COUNTS,
    /** Offsets with more than one row in quarantine. */
    QUARANTINE_DOUBLED,
    /** Offsets in quarantine that bronze does not have. */
    QUARANTINE_UNKNOWN,
    /** A commit begins after where the one before it left off. */
    GAP,
    /** A commit begins before where the one before it left off. */
    OVERLAP,
    /** A commit holds what comes before an earlier commit. */
    ORDER,
    /** A commit does not say where an input stands that an earlier one has read. */
    POSITION_LOST,
    /** A commit carries no position. */
    NO_POSITION,
    /** A table has read its input up to a commit that the input does not have. */
    UNKNOWN_INPUT;

    /** {@code missing-offsets} */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
