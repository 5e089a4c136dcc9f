package io.medallion.silver;

/** What a schema registry says about an id. */
sealed interface RegistryAnswer {
  /** The Avro schema of that id, as text; it never changes. */
  record Found(String schema) implements RegistryAnswer {}

  /** There is no schema of that id yet. */
  record Unknown() implements RegistryAnswer {}

  /** There is a schema of that id, but none to read Avro with. */
  record Unusable(String reason) implements RegistryAnswer {}
}
