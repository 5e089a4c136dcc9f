package io.medallion.schemas;

import java.util.List;
import org.apache.avro.Schema;

/** How the payload of a record is read, by the contract in each case. */
public sealed interface PayloadFormat {
  /** A JSON object. */
  record Json() implements PayloadFormat {}

  /** Avro's binary encoding, written with exactly the contract's schema, and nothing else. */
  record AvroBinary() implements PayloadFormat {}

  /** Confluent's wire format: a zero byte, the id of the writer's schema, Avro's encoding. */
  record AvroRegistry(SchemaRegistry registry) implements PayloadFormat {}

  /**
   * Avro's single-object encoding: C3 01, the fingerprint of the writer's schema, Avro's encoding.
   *
   * @param schemas what events were or are written with, beside the contract
   */
  record AvroSingleObject(List<Schema> schemas) implements PayloadFormat {
    public AvroSingleObject {
      schemas = List.copyOf(schemas);
    }
  }
}
