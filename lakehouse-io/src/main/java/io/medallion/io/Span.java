package io.medallion.io;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.Serializable;

/**
 * What a commit took of one input, as half-open range: {@code [first, next)}. Of a Kafka partition
 * the offsets; of a table the instants as numbers, read after {@code first} up to and with {@code
 * next}.
 *
 * @param first where the commit before this one left off
 * @param next where the next commit goes on
 */
public record Span(long first, long next) implements Serializable {
  /** What a table that nothing has read yet stands at. */
  public static final long START = 0;

  public Span {
    if (next < first) {
      throw new IllegalArgumentException("A span from %d to %d".formatted(first, next));
    }
  }

  /** Whether nothing was taken. */
  @JsonIgnore
  public boolean isEmpty() {
    return first == next;
  }

  /** Both together, the other one after this one. */
  Span then(Span later) {
    return new Span(Math.min(first, later.first), Math.max(next, later.next));
  }
}
