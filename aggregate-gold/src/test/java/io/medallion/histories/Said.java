package io.medallion.histories;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;
import javax.annotation.Nullable;

/**
 * What one event says, as it was drawn.
 *
 * @param at its place in the order of its key's events, epoch milliseconds
 * @param rescued the JSON of what the contract does not know, or null
 * @param breaks the rules that it breaks, in their order; none of a valid event
 */
record Said(
    Kind kind,
    String id,
    long at,
    int history,
    @Nullable String customer,
    @Nullable BigDecimal amount,
    @Nullable Integer quantity,
    @Nullable String category,
    @Nullable String note,
    @Nullable String rescued,
    List<String> breaks)
    implements Serializable {

  /** What an event does to the record of its key. */
  enum Kind {
    NEW,
    CORRECTION,
    REVERSAL
  }

  static Said invalid(int history, List<String> breaks) {
    return new Said(
        Kind.NEW, "", 0, history, null, null, null, null, null, null, List.copyOf(breaks));
  }

  boolean isValid() {
    return breaks.isEmpty();
  }

  /** Whether a correction sets anything at all. */
  boolean setsSomething() {
    return amount != null || quantity != null || note != null;
  }
}
