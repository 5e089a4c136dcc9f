package io.medallion.services.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.medallion.services.CommandFailedException;
import io.medallion.services.sample.Event.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the events of files: JSON lines are sent as they are, the rows of a CSV file (with a
 * header) as JSON objects, in which what looks like a JSON number is one and an empty cell is null.
 */
public final class ReadEvents implements EventSource {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,30})(\\.\\d{1,30})?");

  private final Iterator<Event> events;
  private boolean finished;

  /**
   * @param key the field whose value is the Kafka key, a dot steps into a nested object; empty for
   *     no key
   */
  public ReadEvents(List<Path> files, String key) {
    List<String> path = key.isEmpty() ? List.of() : List.of(key.split("\\.", -1));
    this.events = files.stream().flatMap(file -> read(file, path)).iterator();
  }

  @Override
  public Optional<Event> next() {
    return !finished && events.hasNext() ? Optional.of(events.next()) : Optional.empty();
  }

  @Override
  public void finish() {
    finished = true;
  }

  private static Stream<Event> read(Path file, List<String> key) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
        ? readCsv(file, key)
        : readJsonLines(file, key);
  }

  private static Stream<Event> readJsonLines(Path file, List<String> key) {
    BufferedReader reader = open(file);
    return reader
        .lines()
        .filter(line -> !line.isBlank())
        .map(
            line -> new Event(Kind.RECORDED, key(line, key), line.getBytes(StandardCharsets.UTF_8)))
        .onClose(() -> close(reader));
  }

  private static Stream<Event> readCsv(Path file, List<String> key) {
    BufferedReader reader = open(file);
    try {
      MappingIterator<Map<String, String>> rows =
          CsvMapper.builder()
              .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
              .build()
              .readerForMapOf(String.class)
              .with(CsvSchema.emptySchema().withHeader())
              .readValues(reader);
      return Stream.generate(() -> rows)
          .takeWhile(Iterator::hasNext)
          .map(Iterator::next)
          .map(ReadEvents::toJson)
          .map(json -> new Event(Kind.RECORDED, key(json, key), bytes(json)))
          .onClose(() -> close(reader));
    } catch (IOException e) {
      throw new CommandFailedException(
          "%s could not be read as CSV: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static ObjectNode toJson(Map<String, String> row) {
    ObjectNode event = JSON.createObjectNode();
    row.forEach(
        (name, cell) -> {
          if (cell == null || cell.isEmpty()) {
            event.putNull(name);
          } else if (NUMBER.matcher(cell).matches()) {
            event.put(name, new BigDecimal(cell));
          } else {
            event.put(name, cell);
          }
        });
    return event;
  }

  private static Optional<String> key(String line, List<String> path) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      return key(JSON.readTree(line), path);
    } catch (JsonProcessingException notJson) {
      // Sent all the same: what cannot be read belongs into quarantine, and there without a key.
      return Optional.empty();
    }
  }

  private static Optional<String> key(JsonNode event, List<String> path) {
    JsonNode value = event;
    for (String step : path) {
      value = value.path(step);
    }
    return path.isEmpty() || value.isNull() || value.isMissingNode()
        ? Optional.empty()
        : Optional.of(value.isValueNode() ? value.asText() : value.toString());
  }

  private static byte[] bytes(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BufferedReader open(Path file) {
    try {
      return Files.newBufferedReader(file);
    } catch (IOException e) {
      throw new CommandFailedException(
          "%s cannot be read (%s): expected a file of JSON lines or CSV."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static void close(BufferedReader reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
