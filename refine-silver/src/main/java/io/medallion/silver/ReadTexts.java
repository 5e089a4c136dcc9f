package io.medallion.silver;

import com.fasterxml.jackson.core.JsonToken;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.StringData;

/** Reads strings and what JSON writes as strings, and booleans. */
final class ReadTexts {
  private ReadTexts() {}

  /** A string, or a number as it is written. */
  static ReadValue strings(ContractField field) {
    return (json, rescued) ->
        switch (json.currentToken()) {
          case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
              StringData.fromString(json.getText());
          default -> throw field.mismatch(json);
        };
  }

  /**
   * One of an enum's symbols. The enum's default is not for strange symbols: it would hide what the
   * event said.
   */
  static ReadValue symbols(ContractField field, List<String> symbols) {
    Map<String, StringData> known = new HashMap<>();
    symbols.forEach(symbol -> known.put(symbol, StringData.fromString(symbol)));
    return (json, rescued) -> {
      if (!json.hasToken(JsonToken.VALUE_STRING)) {
        throw field.mismatch(json);
      }
      StringData symbol = known.get(json.getText());
      if (symbol == null) {
        throw field.notAccepted(json);
      }
      return symbol;
    };
  }

  /** {@code true} or {@code false} and nothing that looks like them. */
  static ReadValue booleans(ContractField field) {
    return (json, rescued) ->
        switch (json.currentToken()) {
          case VALUE_TRUE -> true;
          case VALUE_FALSE -> false;
          default -> throw field.mismatch(json);
        };
  }

  /**
   * Bytes as Base64 (RFC 4648, section 4), as JSON libraries write them; Avro's own JSON encoding,
   * one character for each byte, is not read, since most bytes would pass for it.
   */
  static ReadValue bytes(ContractField field) {
    return (json, rescued) -> {
      if (!json.hasToken(JsonToken.VALUE_STRING)) {
        throw field.mismatch(json);
      }
      try {
        return Base64.getDecoder().decode(json.getText());
      } catch (IllegalArgumentException notBase64) {
        throw field.mismatch(json, "not Base64");
      }
    };
  }

  /** As {@link #bytes}, exactly so many. */
  static ReadValue fixedBytes(ContractField field, int length) {
    ReadValue bytes = bytes(field);
    return (json, rescued) -> {
      byte[] value = (byte[]) bytes.read(json, rescued);
      if (value.length != length) {
        throw field.mismatch(json, "not " + length + " bytes");
      }
      return value;
    };
  }
}
