package io.medallion.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A CSV file of a pipeline folder.
 *
 * @param header the names of its columns
 * @param rows their values, an empty text where there is none; not all need be as long as the
 *     header
 */
record Csv(List<String> header, List<List<String>> rows) {
  private static final String EXPECTED = "a header line and one line per value";

  /** The file that a key names, or empty when it cannot be read; then a problem says why. */
  static Optional<Csv> read(Section section, String key, PipelineFiles files, String file) {
    Optional<String> text = files.read(section, key, file);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    List<List<String>> rows;
    try (MappingIterator<String[]> lines =
        new CsvMapper()
            .readerFor(String[].class)
            .with(CsvParser.Feature.WRAP_AS_ARRAY)
            .with(CsvParser.Feature.SKIP_EMPTY_LINES)
            .readValues(text.get())) {
      rows = lines.readAll().stream().map(List::of).toList();
    } catch (IOException e) {
      section.problem(
          key,
          file + ", which is not CSV (" + reason(e) + ")",
          EXPECTED,
          "Correct the file; put a value that holds commas or quotes into quotes.");
      return Optional.empty();
    }
    if (rows.size() < 2) {
      section.problem(key, file + ", which holds no values", EXPECTED, "Add the values.");
      return Optional.empty();
    }
    return Optional.of(new Csv(rows.get(0), rows.subList(1, rows.size())));
  }

  private static String reason(Exception thrown) {
    String message =
        thrown instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : String.valueOf(thrown.getMessage());
    return message.lines().findFirst().orElse("");
  }
}
