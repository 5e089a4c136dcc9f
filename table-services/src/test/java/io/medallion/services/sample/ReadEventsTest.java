package io.medallion.services.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadEventsTest {
  @TempDir private Path folder;

  @Test
  void jsonLinesAreSentAsTheyAreWithTheKeyTheyHave() throws IOException {
    Path file =
        file(
            "events.jsonl",
            """
            {"id": {"nr": 1.50}, "a" : "ü"}

            not json
            {"id": {"nr": "x"}}
            {"id": null}
            """);

    assertThat(read(List.of(file), "id.nr"))
        .containsExactly(
            "1.5 {\"id\": {\"nr\": 1.50}, \"a\" : \"ü\"}",
            "- not json",
            "x {\"id\": {\"nr\": \"x\"}}",
            "- {\"id\": null}");
  }

  @Test
  void rowsOfCsvBecomeObjectsWithNumbersForWhatLooksLikeOne() throws IOException {
    Path file =
        file(
            "EVENTS.CSV",
            """
            id,price,code,note
            7,12.50,007,"a, ""b\"""
            8,-3,1e5,
            """);

    assertThat(read(List.of(file), "id"))
        .containsExactly(
            "7 {\"id\":7,\"price\":12.50,\"code\":\"007\",\"note\":\"a, \\\"b\\\"\"}",
            "8 {\"id\":8,\"price\":-3,\"code\":\"1e5\",\"note\":null}");
  }

  @Test
  void filesAreReadOneAfterTheOtherUntilTheStreamIsFinished() throws IOException {
    Path one = file("one.jsonl", "1\n2\n");
    Path two = file("two.jsonl", "3\n4\n");
    ReadEvents events = new ReadEvents(List.of(one, two), "");

    assertThat(List.of(next(events), next(events), next(events))).containsExactly("1", "2", "3");
    events.finish();
    assertThat(events.next()).isEmpty();
  }

  private static List<String> read(List<Path> files, String key) {
    ReadEvents source = new ReadEvents(files, key);
    List<String> events = new ArrayList<>();
    for (Optional<Event> event = source.next(); event.isPresent(); event = source.next()) {
      events.add(
          event.get().key().orElse("-")
              + " "
              + new String(event.get().value(), StandardCharsets.UTF_8));
    }
    return events;
  }

  private static String next(ReadEvents events) {
    return new String(events.next().orElseThrow().value(), StandardCharsets.UTF_8);
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
