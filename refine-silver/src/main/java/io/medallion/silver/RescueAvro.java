package io.medallion.silver;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Writes as JSON what an Avro event has beyond the contract, in the notation that a JSON event
 * would have it in: bytes as Base64, decimals as numbers, times as numbers in the unit of their
 * type.
 */
final class RescueAvro {
  /** As the longest string of a JSON event; many empty items would make much of few bytes. */
  private static final int LONGEST_TEXT = 20 * 1024 * 1024;

  private RescueAvro() {}

  /** Reads the value at which the payload stands, and keeps it under its path. */
  static void rescue(Schema schema, AvroInput payload, RescuedFields rescued) throws IOException {
    copy(schema, payload, rescued, rescued.field(payload.path()));
  }

  private static void copy(
      Schema schema, AvroInput payload, RescuedFields rescued, JsonGenerator to)
      throws IOException {
    if (rescued.length() > LONGEST_TEXT) {
      throw new RejectedEventException(
          AvroInput.MALFORMED,
          "too-long: the fields beyond the contract take more than %d characters"
              .formatted(LONGEST_TEXT));
    }
    switch (schema.getType()) {
      case NULL -> to.writeNull();
      case BOOLEAN -> to.writeBoolean(payload.readBoolean());
      case INT -> to.writeNumber(payload.readInt());
      case LONG -> to.writeNumber(payload.readLong());
      case FLOAT -> {
        float value = payload.readFloat();
        if (Float.isFinite(value)) {
          to.writeNumber(value);
        } else {
          to.writeString(Float.toString(value));
        }
      }
      case DOUBLE -> {
        double value = payload.readDouble();
        if (Double.isFinite(value)) {
          to.writeNumber(value);
        } else {
          to.writeString(Double.toString(value));
        }
      }
      case STRING -> to.writeString(payload.readString());
      case BYTES -> copy(schema, payload.readBytes(), to);
      case FIXED -> copy(schema, payload.readFixed(schema.getFixedSize()), to);
      case ENUM ->
          to.writeString(
              schema
                  .getEnumSymbols()
                  .get(payload.readIndex(schema.getEnumSymbols().size(), "symbol")));
      case UNION ->
          copy(
              schema.getTypes().get(payload.readIndex(schema.getTypes().size(), "branch")),
              payload,
              rescued,
              to);
      case ARRAY -> {
        to.writeStartArray();
        payload.readItems(() -> copy(schema.getElementType(), payload, rescued, to));
        to.writeEndArray();
      }
      case MAP -> {
        to.writeStartObject();
        payload.readEntries(
            key -> {
              to.writeFieldName(key);
              copy(schema.getValueType(), payload, rescued, to);
            });
        to.writeEndObject();
      }
      case RECORD -> {
        to.writeStartObject();
        for (Schema.Field field : schema.getFields()) {
          to.writeFieldName(field.name());
          payload.enter(field.name());
          copy(field.schema(), payload, rescued, to);
          payload.leave();
        }
        to.writeEndObject();
      }
    }
  }

  private static void copy(Schema schema, byte[] bytes, JsonGenerator to) throws IOException {
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal && bytes.length > 0) {
      BigInteger unscaled = new BigInteger(bytes);
      if (unscaled.bitLength() <= ReadAvroValues.MOST_BITS) {
        to.writeNumber(new BigDecimal(unscaled, decimal.getScale()));
        return;
      }
    }
    to.writeBinary(bytes);
  }
}
