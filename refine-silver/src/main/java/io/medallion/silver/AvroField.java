package io.medallion.silver;

import javax.annotation.Nullable;

/**
 * A field, array element or map value of the contract, and the ways an Avro event can break it.
 *
 * @param path its place in the contract, e.g. {@code items[].price}; part of rule names
 * @param type its type as reasons name it, e.g. {@code DECIMAL(18, 2)}
 */
record AvroField(String path, String type) {
  /** The value is of another kind. */
  @Nullable
  Object mismatch(AvroInput payload, String found) {
    return broken("type", payload, "%s, expected %s".formatted(found, type));
  }

  /** The value is of the right kind, but this type cannot hold it. */
  @Nullable
  Object mismatch(AvroInput payload, String found, String why) {
    return broken("type", payload, "%s, expected %s: %s".formatted(found, type, why));
  }

  /** The value is none of the enum's symbols. */
  @Nullable
  Object notAccepted(AvroInput payload, String symbol) {
    return broken(
        "accepted-values",
        payload,
        "the symbol %s, expected %s".formatted(Excerpts.of(symbol), type));
  }

  /** The value is null, which this field may not be. */
  @Nullable
  Object isNull(AvroInput payload) {
    return broken("not-null", payload, "null, expected " + type);
  }

  /** What the event has of it was written with a schema that the contract cannot read. */
  @Nullable
  Object incompatible(AvroInput payload, String why) {
    return payload.broken(
        ResolveWriter.INCOMPATIBLE, (path.isEmpty() ? "the event" : payload.path()) + " " + why);
  }

  private Object broken(String rule, AvroInput payload, String what) {
    return path.isEmpty()
        ? payload.broken("not-a-record", "the payload holds " + what)
        : payload.broken(rule + ": " + path, payload.path() + " holds " + what);
  }
}
