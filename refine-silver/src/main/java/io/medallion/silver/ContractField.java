package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/**
 * A field, array element or map value of the contract, and the ways an event can break it.
 *
 * @param path its place in the contract, e.g. {@code items[].price}; part of rule names
 * @param type its type as reasons name it, e.g. {@code DECIMAL(18, 2)}
 */
record ContractField(String path, String type) {
  /** The value that the parser stands on is of another kind. */
  RejectedEventException mismatch(JsonParser json) throws IOException {
    return reject("type", json, "");
  }

  /** The value is of the right kind, but this type cannot hold it. */
  RejectedEventException mismatch(JsonParser json, String why) throws IOException {
    return reject("type", json, ": " + why);
  }

  /** The value is none of the enum's symbols. */
  RejectedEventException notAccepted(JsonParser json) throws IOException {
    return reject("accepted-values", json, "");
  }

  /** The value is null, which this field may not be. */
  RejectedEventException isNull(JsonParser json) throws IOException {
    return reject("not-null", json, "");
  }

  /**
   * The field is not there, may not be null and has no default.
   *
   * @param json stands behind the object that lacks the field
   */
  RejectedEventException isMissing(JsonParser json, String name) {
    String within = EventPath.of(json.getParsingContext());
    String where = within.isEmpty() ? name : within + "." + name;
    return new RejectedEventException(
        "not-null: " + path, "%s is missing, expected %s".formatted(Excerpts.of(where), type));
  }

  private RejectedEventException reject(String rule, JsonParser json, String why)
      throws IOException {
    return new RejectedEventException(
        rule + ": " + path,
        "%s holds %s, expected %s%s"
            .formatted(EventPath.of(json.getParsingContext()), found(json), type, why));
  }

  private static String found(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING -> "the JSON string \"" + Excerpts.of(json.getText()) + "\"";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the JSON number " + Excerpts.of(json.getText());
      case VALUE_TRUE, VALUE_FALSE -> "the JSON boolean " + json.getText();
      case START_OBJECT -> "a JSON object";
      case START_ARRAY -> "a JSON array";
      default -> "null";
    };
  }
}
