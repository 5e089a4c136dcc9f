package io.medallion.services.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.InvalidConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SampleFileTest {
  private static final Path SHIPPED = Path.of("..", "pipelines");

  @TempDir private Path folder;

  @Test
  void theSampleOfEveryShippedPipelineIsRead() throws IOException {
    try (Stream<Path> files = Files.list(SHIPPED)) {
      assertThat(files.filter(Files::isDirectory).toList())
          .isNotEmpty()
          .allSatisfy(pipeline -> assertThat(SampleFile.read(pipeline)).isNotNull());
    }
  }

  @Test
  void aFileIsSentAndThenAnother() throws IOException {
    Files.writeString(folder.resolve("one.jsonl"), "");
    Files.writeString(folder.resolve("two.jsonl"), "");
    write("{ file: one.jsonl, key: a.b, then: two.jsonl }");

    assertThat(SampleFile.read(folder))
        .isEqualTo(
            new RecordedSample(
                "a.b", List.of(folder.resolve("one.jsonl"), folder.resolve("two.jsonl"))));
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() throws IOException {
    write(
        """
        key: nr
        fields:
          id: { sequence: "O" }
          who: { zipff: 3 }
          at: { event-time: iso }
        duplicates: { share: 2 }
        corrections: { share: 1%, keep: [id], redraw: [id], sett: {} }
        surprise: 1
        """);

    assertThatThrownBy(() -> SampleFile.read(folder))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Sample "
                + folder.resolve(SampleFile.NAME)
                + " cannot be used, 8 problems:\n"
                + """
                  - sample.yaml: surprise: found an unknown key, expected one of key, fields, duplicates, out-of-order, corrections, reversals, invalid, corrupt. Correct the spelling or remove it.
                  - sample.yaml: fields.id.sequence: found O, expected a place for a number. Add one, e.g. T%010d.
                  - sample.yaml: fields.who: found zipff, expected one of sequence, constant, zipf, log-normal, one-of, event-time. Say how the field gets its values.
                  - sample.yaml: fields.at.event-time: found iso, expected epoch-millis. It is the only way to write event time.
                  - sample.yaml: key: found nr, expected one of the fields [id, who, at]. Name the field whose value is the Kafka key.
                  - sample.yaml: duplicates.share: found 2, expected a share from 0% to 100%. Write it with a percent sign, e.g. 2%.
                  - sample.yaml: corrections.sett: found an unknown key, expected one of share, set, keep, redraw. Correct the spelling or remove it.
                  - sample.yaml: corrections.redraw: found [id], expected the event time at among them. A revision is later than what it revises.
                  """
                    .indent(2)
                    .stripTrailing());
  }

  @ParameterizedTest
  @MethodSource
  void aSampleThatCannotBeUsedIsRefused(String yaml, String problem) throws IOException {
    write(yaml);

    assertThatThrownBy(() -> SampleFile.read(folder))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Sample "
                + folder.resolve(SampleFile.NAME)
                + " cannot be used, 1 problem:\n  - "
                + problem.replace("FOLDER", folder.toString()));
  }

  static Stream<Arguments> aSampleThatCannotBeUsedIsRefused() {
    String fields = "fields: { id: { sequence: 'O%d' }, at: { event-time: epoch-millis } }\n";
    return Stream.of(
        Arguments.of(
            "key: id\nfields: { id: { zipf: -1, exponent: 1, format: '%d' } }",
            "sample.yaml: fields.id.zipf: found -1, expected a number from 1 to 10000000. Correct the number."),
        Arguments.of(
            "key: id\n" + fields + "out-of-order: { share: 1%, sent-late-by: soon }",
            "sample.yaml: out-of-order.sent-late-by: found soon, expected a duration. Write a number and a unit, e.g. 5s or 1d."),
        Arguments.of(
            "key: id\n" + fields + "invalid: { share: 1%, one-of: [{ ID: 1 }] }",
            "sample.yaml: invalid.one-of[0].ID: found ID, expected one of the fields [id, at]. Correct the spelling or declare the field."),
        Arguments.of(
            "key: id\n" + fields + "reversals: { share: 1%, keep: [id] }",
            "sample.yaml: reversals.redraw: found [], expected the event time at among them. A revision is later than what it revises."),
        Arguments.of(
            "key: id\n" + fields + "duplicates: { share: 60% }\ncorrupt: { share: 50% }",
            "sample.yaml: *.share: found 110% together, expected less than 100%. What is left are the events in order."),
        Arguments.of(
            "{ file: none.jsonl, key: id }",
            "sample.yaml: file: found none.jsonl, expected a file in FOLDER. Correct the name or add the file."),
        Arguments.of(
            "key: id\nkey: no\n" + fields,
            "sample.yaml: line 2: found Duplicate field 'key', expected YAML. Correct the line."));
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve(SampleFile.NAME), yaml);
  }
}
