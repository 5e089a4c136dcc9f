package io.medallion.silver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import javax.annotation.Nullable;
import org.apache.flink.table.data.StringData;

/**
 * The fields of one event that the contract does not know, as a flat JSON object from path ({@link
 * EventPath}) to value. Values stay as they were written: a number keeps its digits.
 */
final class RescuedFields {
  private final JsonFactory factory;
  private final StringWriter text = new StringWriter(0);
  @Nullable private JsonGenerator generator;

  RescuedFields(JsonFactory factory) {
    this.factory = factory;
  }

  /**
   * Copies one field.
   *
   * @param json stands on the field's name, and behind it on the last token of its value
   */
  void rescue(JsonParser json) throws IOException {
    JsonGenerator value = field(EventPath.of(json.getParsingContext()));
    int depth = 0;
    do {
      JsonToken token = json.nextToken();
      copy(json, token, value);
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
    } while (depth > 0);
  }

  /** Starts a field, whose value is to be written to what is returned. */
  JsonGenerator field(String path) throws IOException {
    if (generator == null) {
      generator = factory.createGenerator(text);
      generator.writeStartObject();
    }
    generator.writeFieldName(path);
    return generator;
  }

  /** How many characters have left the generator. */
  int length() {
    return text.getBuffer().length();
  }

  /** Closes the object; null when no field was rescued. */
  @Nullable
  StringData column() throws IOException {
    if (generator == null) {
      return null;
    }
    generator.writeEndObject();
    generator.close();
    return StringData.fromString(text.toString());
  }

  private static void copy(JsonParser json, JsonToken token, JsonGenerator to) throws IOException {
    switch (token) {
      case START_OBJECT -> to.writeStartObject();
      case END_OBJECT -> to.writeEndObject();
      case START_ARRAY -> to.writeStartArray();
      case END_ARRAY -> to.writeEndArray();
      case FIELD_NAME -> to.writeFieldName(json.currentName());
      case VALUE_STRING -> to.writeString(json.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> to.writeNumber(json.getText());
      case VALUE_TRUE -> to.writeBoolean(true);
      case VALUE_FALSE -> to.writeBoolean(false);
      case VALUE_NULL -> to.writeNull();
      default -> throw new IllegalStateException("a parser of JSON text never gives " + token);
    }
  }
}
