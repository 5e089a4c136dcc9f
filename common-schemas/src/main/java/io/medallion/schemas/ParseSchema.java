package io.medallion.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/** Reads the text of an {@code .avsc} file. */
final class ParseSchema {
  private ParseSchema() {}

  /** The schema, or empty when the text is none; then a problem with the file says why. */
  static Optional<Schema> parse(String text, String file, Section section, String key) {
    try {
      return Optional.of(new Schema.Parser().parse(text));
    } catch (NullPointerException undefined) {
      // How Avro 1.12.0 says it of a schema that is nothing but a name.
      problem("a name that is defined nowhere", file, section, key);
    } catch (AvroRuntimeException e) {
      problem(reason(e), file, section, key);
    }
    return Optional.empty();
  }

  private static void problem(String reason, String file, Section section, String key) {
    section
        .problems()
        .add(
            file,
            section.path(key),
            "a file that is not an Avro schema (" + reason + ")",
            "an Avro record in JSON",
            "Correct the schema.");
  }

  private static String reason(AvroRuntimeException thrown) {
    if (thrown.getCause() instanceof JsonProcessingException json && json.getLocation() != null) {
      return "line " + json.getLocation().getLineNr() + ": " + firstLine(json.getOriginalMessage());
    }
    return firstLine(String.valueOf(thrown.getMessage()));
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").strip();
  }
}
