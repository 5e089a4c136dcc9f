package io.medallion.silver;

import com.fasterxml.jackson.core.ErrorReportConfiguration;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.medallion.schemas.Contract;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.avro.Schema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * Decodes one JSON event by the contract: permissive, yet never silent. Whatever the payload holds,
 * the answer is a row that says the same, or a rejection that says why not; never an exception.
 *
 * <ul>
 *   <li>A field may be missing if the contract gives a default, or null; null is taken as written.
 *   <li>Fields that the contract does not know are rescued with their paths ({@link
 *       RescuedFields}).
 *   <li>A value of another JSON type is taken only when nothing gets lost: numbers in strings,
 *       numbers for strings, ISO-8601 for times, Base64 for bytes.
 *   <li>Values are written plainly, not as in Avro's JSON encoding: {@code "a"}, not {@code
 *       {"string": "a"}}.
 * </ul>
 *
 * <p>Rules: {@code tombstone}, {@code malformed-json} (the reason starts with its kind), {@code
 * not-an-object}, and for a field {@code not-null}, {@code type} and {@code accepted-values} with
 * its path, e.g. {@code type: items[].price}. A payload that is no JSON is {@code malformed-json}
 * also when a field before the damage breaks a rule; otherwise the first broken rule counts.
 */
final class DecodeJson implements DecodePayload {
  private static final long serialVersionUID = 1L;

  static final String MALFORMED = "malformed-json";
  static final String NOT_AN_OBJECT = "not-an-object";

  private static final int DEEPEST_NESTING = 100;
  private static final int LONGEST_STRING = 20 * 1024 * 1024;
  private static final int LONGEST_NAME = 1_000;
  private static final int LONGEST_EXCERPT = 40;

  /** How the parser's message on a repeated name starts; the name follows. */
  private static final String DUPLICATE = "Duplicate field ";

  /** As text: a parsed schema serializes with every copy of the operator. */
  private final String schema;

  private final RowType rowType;

  @Nullable private transient Tools tools;

  DecodeJson(Contract contract) {
    this.schema = contract.schema().toString();
    this.rowType = contract.rowType();
    this.tools = new Tools(schema, rowType);
  }

  @Override
  public DecodedEvent decode(@Nullable byte[] payload) {
    if (tools == null) {
      tools = new Tools(schema, rowType);
    }
    if (payload == null) {
      return new Rejected(TOMBSTONE, "the record has no payload");
    }
    Optional<String> problem = tools.checkText.problem(payload);
    if (problem.isPresent()) {
      return new Rejected(MALFORMED, problem.get());
    }
    return parse(payload, tools);
  }

  private static DecodedEvent parse(byte[] payload, Tools tools) {
    try (JsonParser json = tools.factory.createParser(payload)) {
      DecodedEvent event = readEvent(json, tools);
      readToEnd(json);
      return event;
    } catch (RejectedEventException malformed) {
      return malformed.rejected();
    } catch (JsonProcessingException malformed) {
      return new Rejected(MALFORMED, Excerpts.printable(reason(malformed)));
    } catch (IOException impossible) {
      throw new UncheckedIOException("Reading from memory failed.", impossible);
    } catch (RuntimeException bug) {
      return new Rejected(DECODER_FAILED, Excerpts.printable(bug.toString()));
    }
  }

  private static DecodedEvent readEvent(JsonParser json, Tools tools) throws IOException {
    JsonToken first = json.nextToken();
    if (first == null) {
      return new Rejected(MALFORMED, "empty: the payload is white space");
    }
    if (first != JsonToken.START_OBJECT) {
      return new Rejected(NOT_AN_OBJECT, "the payload is " + kind(first));
    }
    RescuedFields rescued = new RescuedFields(tools.factory);
    try {
      GenericRowData row = tools.reader.read(json, rescued);
      return new Accepted(row, rescued.column());
    } catch (RejectedEventException broken) {
      return broken.rejected();
    }
  }

  /** Finds damage behind the place where reading stopped. */
  private static void readToEnd(JsonParser json) throws IOException {
    while (!json.getParsingContext().inRoot()) {
      json.nextToken();
    }
    boolean more;
    try {
      more = json.nextToken() != null;
    } catch (JsonProcessingException garbage) {
      more = true;
    }
    if (more) {
      throw new RejectedEventException(
          MALFORMED, "trailing-garbage: there is more behind the end of the JSON value");
    }
  }

  /** In words of our own: the parser's name its settings, and change with its version. */
  private static String reason(JsonProcessingException malformed) {
    String message = malformed.getOriginalMessage();
    if (malformed instanceof StreamConstraintsException) {
      return limit(message);
    }
    if (malformed instanceof JsonEOFException) {
      return "truncated: the payload ends within a JSON value";
    }
    long at = malformed.getLocation().getByteOffset();
    return message.startsWith(DUPLICATE)
        ? "duplicate-key: %s is there twice, again at byte %d"
            .formatted(Excerpts.of(message.substring(DUPLICATE.length())), at)
        : "syntax: not JSON from byte %d on".formatted(at);
  }

  private static String limit(String message) {
    if (message.startsWith("Document nesting depth")) {
      return "too-deep: values are nested deeper than " + DEEPEST_NESTING;
    }
    if (message.startsWith("Number value length")) {
      return "too-long: a number has more than " + ReadNumbers.LONGEST_NUMBER + " digits";
    }
    if (message.startsWith("String value length")) {
      return "too-long: a string has more than " + LONGEST_STRING + " characters";
    }
    if (message.startsWith("Name length")) {
      return "too-long: a field's name has more than " + LONGEST_NAME + " characters";
    }
    return "too-long: " + message;
  }

  private static String kind(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "a JSON array";
      case VALUE_STRING -> "a JSON string";
      case VALUE_TRUE, VALUE_FALSE -> "a JSON boolean";
      case VALUE_NULL -> "null";
      default -> "a JSON number";
    };
  }

  /** What a subtask builds for itself once. */
  private static final class Tools {
    private final CheckText checkText = new CheckText();
    private final JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // The text is checked to be UTF-8; a guess at UTF-16 would read other text from it.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            // Names come from outside: they must not fill the JVM's table of strings.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST_NESTING)
                    .maxNumberLength(ReadNumbers.LONGEST_NUMBER)
                    .maxStringLength(LONGEST_STRING)
                    .maxNameLength(LONGEST_NAME)
                    .build())
            .errorReportConfiguration(
                ErrorReportConfiguration.builder().maxErrorTokenLength(LONGEST_EXCERPT).build())
            // One parser and one generator at a time; nothing that outlives the job in a thread.
            .recyclerPool(JsonRecyclerPools.newBoundedPool(2))
            .build();
    private final ReadObject reader;

    Tools(String schema, RowType rowType) {
      this.reader = ContractReader.of(new Schema.Parser().parse(schema), rowType);
    }
  }
}
