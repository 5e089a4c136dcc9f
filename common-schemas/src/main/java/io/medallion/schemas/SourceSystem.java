package io.medallion.schemas;

import java.io.Serializable;

/**
 * The system that an event comes from: the same for the whole pipeline, or named by a header of the
 * Kafka record.
 *
 * @param kind whether {@code value} is the system's name or the name of the header that holds it
 */
public record SourceSystem(Kind kind, String value) implements Serializable {
  /** How the system is known. */
  public enum Kind {
    CONSTANT,
    HEADER
  }
}
