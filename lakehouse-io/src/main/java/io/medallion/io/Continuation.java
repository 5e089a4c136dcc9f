package io.medallion.io;

import io.medallion.schemas.Layer;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** How what an epoch brings relates to where its table stands. */
enum Continuation {
  /** It begins where the table stands. */
  CONTINUES,
  /** The table has all of it. */
  OVERLAP;

  /**
   * Compares each input.
   *
   * @param table qualified name
   * @param stands where the table stands, by input
   * @param brings what the epoch brings of each input
   * @throws GapException if something between the two would never come into the table, or if the
   *     epoch brings again a part of what the table has
   */
  static Continuation of(String table, Map<String, Long> stands, Map<String, Span> brings) {
    boolean anyNew = false;
    boolean anyOld = false;
    for (Map.Entry<String, Span> input : brings.entrySet()) {
      Span span = input.getValue();
      Long at = stands.get(input.getKey());
      if (at == null) {
        if ((isKafka(table) && !span.isEmpty()) || span.first() == Span.START) {
          at = span.first();
        } else {
          throw gap(table, stands, brings);
        }
      }
      if (span.first() > at) {
        throw gap(table, stands, brings);
      }
      if (!span.isEmpty()) {
        if (span.first() == at) {
          anyNew = true;
        } else if (span.next() <= at) {
          anyOld = true;
        } else {
          throw new GapException(
              "Table %s stands at %s, in the middle of what comes: %s. A part of it would be doubled."
                  .formatted(table, stands, text(brings)));
        }
      }
    }
    if (anyNew && anyOld) {
      throw new GapException(
          "Table %s stands at %s, which has a part of what comes: %s. That part would be doubled."
              .formatted(table, stands, text(brings)));
    }
    return anyOld ? OVERLAP : CONTINUES;
  }

  /** A partition's first records may have any offset: Kafka forgets its oldest. */
  private static boolean isKafka(String table) {
    return table.startsWith(Layer.BRONZE.database() + ".");
  }

  private static GapException gap(
      String table, Map<String, Long> stands, Map<String, Span> brings) {
    return new GapException(
        "Table %s stands at %s, but what comes begins later: %s. What lies between would be lost. Resume from a newer checkpoint, or start without one: the job goes on where the table stands."
            .formatted(table, stands, text(brings)));
  }

  private static Map<String, String> text(Map<String, Span> spans) {
    Map<String, String> text = new TreeMap<>();
    spans.forEach((input, span) -> text.put(input, span.first() + ".." + span.next()));
    return text;
  }

  /**
   * The table and what a job brings do not fit; Flink does not restart the job, it would not help.
   */
  @ThrowableAnnotation(ThrowableType.NonRecoverableError)
  static final class GapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GapException(String message) {
      super(message);
    }
  }
}
