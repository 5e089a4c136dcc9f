package io.medallion.services.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.services.sample.Event.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawEventsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long START = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();
  private static final long DAY = 24 * 3600 * 1000L;
  private static final int EVENTS = 50_000;

  private static final String SAMPLE =
      """
      key: id
      fields:
        id:     { sequence: "O%06d" }
        kind:   { constant: NEW }
        who:    { zipf: 1000, exponent: 1.1, format: "c%04d" }
        price:  { log-normal: [3.4, 1.1], scale: 2, negative: 3% }
        place:  { one-of: { US: 70, EU: 30 } }
        at:     { event-time: epoch-millis }
      duplicates:   { share: 2% }
      out-of-order: { share: 2%, sent-late-by: 5s, event-time-back: [0d, 1d, 2d] }
      corrections:  { share: 2%, set: { kind: CORRECTION }, keep: [id], redraw: [price, at] }
      reversals:    { share: 1%, set: { kind: REVERSAL }, keep: [id], redraw: [at] }
      invalid:      { share: 1%, one-of: [{ place: MARS }, { price: null }, { id: null }] }
      corrupt:      { share: 0.1% }
      """;

  @TempDir private Path folder;
  private GeneratedSample sample;

  @BeforeEach
  void readSample() throws IOException {
    Files.writeString(folder.resolve(SampleFile.NAME), SAMPLE);
    sample = (GeneratedSample) SampleFile.read(folder);
  }

  @Test
  void theSameSeedGivesTheSameBytesAndKeys() {
    assertThat(text(draw(42, EVENTS))).isEqualTo(text(draw(42, EVENTS)));
    assertThat(text(draw(42, EVENTS))).isNotEqualTo(text(draw(43, EVENTS)));
  }

  @Test
  void theFirstEventsOfASeedAreTheseOnEveryMachine() {
    assertThat(text(draw(42, 3)))
        .containsExactly(
            "O000001 {\"id\":\"O000001\",\"kind\":\"NEW\",\"who\":\"c0049\",\"price\":10.54,\"place\":\"EU\",\"at\":1772366400000}",
            "O000002 {\"id\":\"O000002\",\"kind\":\"NEW\",\"who\":\"c0003\",\"price\":8.87,\"place\":\"EU\",\"at\":1772366400001}",
            "O000003 {\"id\":\"O000003\",\"kind\":\"NEW\",\"who\":\"c0008\",\"price\":141.39,\"place\":\"US\",\"at\":1772366400002}");
  }

  @Test
  void theSharesAreMet() {
    Map<Kind, Integer> counts = new HashMap<>();
    draw(42, EVENTS).forEach(event -> counts.merge(event.kind(), 1, Integer::sum));

    Map<Kind, Double> expected =
        Map.of(
            Kind.DUPLICATE, 0.02,
            Kind.OUT_OF_ORDER, 0.02,
            Kind.CORRECTION, 0.02,
            Kind.REVERSAL, 0.01,
            Kind.INVALID, 0.01,
            Kind.CORRUPT, 0.001,
            Kind.IN_ORDER, 0.919);
    assertThat(counts.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (kind, share) ->
            assertThat(counts.get(kind) / (double) EVENTS)
                .as(kind.name())
                .isCloseTo(share, within(0.15 * share)));
  }

  @Test
  void aRevisionIsAboutAValidEventSentBeforeAndLaterThanAllOfItsKey() {
    Map<String, Long> newest = new HashMap<>();
    Set<String> reversed = new HashSet<>();
    int revisions = 0;
    for (Event event : draw(7, EVENTS)) {
      if (event.kind() == Kind.IN_ORDER || event.kind() == Kind.OUT_OF_ORDER) {
        newest.put(event.key().orElseThrow(), json(event).get("at").asLong());
      } else if (event.kind() == Kind.CORRECTION || event.kind() == Kind.REVERSAL) {
        String key = event.key().orElseThrow();
        assertThat(newest).containsKey(key);
        assertThat(reversed).doesNotContain(key);
        assertThat(json(event).get("at").asLong()).isGreaterThan(newest.get(key));
        newest.put(key, json(event).get("at").asLong());
        if (event.kind() == Kind.REVERSAL) {
          reversed.add(key);
        }
        revisions++;
      }
    }
    assertThat(revisions).isGreaterThan(1000);
  }

  @Test
  void aRevisionHoldsWhatIsKeptSetAndRedrawnAndNothingElse() {
    List<Event> events = draw(7, EVENTS);

    assertThat(fieldNames(first(events, Kind.CORRECTION)))
        .containsExactly("id", "kind", "price", "at");
    assertThat(fieldNames(first(events, Kind.REVERSAL))).containsExactly("id", "kind", "at");
    assertThat(json(first(events, Kind.CORRECTION)).get("kind").asText()).isEqualTo("CORRECTION");
    assertThat(json(first(events, Kind.REVERSAL)).get("kind").asText()).isEqualTo("REVERSAL");
  }

  @Test
  void aLateEventIsSentFiveSecondsAfterItWasDrawnWithAnEventTimeOfTodayOrTheTwoDaysBefore() {
    // Given a clock that a draw moves by one millisecond
    List<Event> events = draw(7, EVENTS);

    // Then
    Set<Long> daysBack = new HashSet<>();
    for (int i = 5000; i < 10_000; i++) {
      if (events.get(i).kind() == Kind.OUT_OF_ORDER) {
        long eventTime = json(events.get(i)).get("at").asLong();
        long sentAt = json(nearestInOrder(events, i)).get("at").asLong();
        daysBack.add((sentAt - eventTime) / DAY);
        assertThat((sentAt - eventTime) % DAY).isBetween(4900L, 5300L);
      }
    }
    assertThat(daysBack).containsExactlyInAnyOrder(0L, 1L, 2L);
  }

  @Test
  void aDuplicateRepeatsTheBytesOfAnEventSentBefore() {
    Set<String> sent = new HashSet<>();
    int duplicates = 0;
    for (Event event : draw(7, EVENTS)) {
      String text = new String(event.value(), StandardCharsets.UTF_8);
      if (event.kind() == Kind.DUPLICATE) {
        assertThat(sent).contains(text);
        duplicates++;
      }
      sent.add(text);
    }
    assertThat(duplicates).isGreaterThan(500);
  }

  @Test
  void aCorruptEventIsNoJson() {
    List<Event> corrupt =
        draw(7, EVENTS).stream().filter(event -> event.kind() == Kind.CORRUPT).toList();

    assertThat(corrupt)
        .isNotEmpty()
        .allSatisfy(
            event ->
                assertThatThrownBy(() -> JSON.readTree(event.value()))
                    .isInstanceOf(JsonProcessingException.class));
  }

  @Test
  void anInvalidEventWithoutAKeyHasNoKafkaKey() {
    assertThat(draw(7, EVENTS))
        .filteredOn(event -> event.kind() == Kind.INVALID && json(event).get("id").isNull())
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.key()).isEmpty());
  }

  @Test
  void aFinishedStreamGivesWhatItHeldBackAndEnds() {
    DrawEvents events = new DrawEvents(sample, 42, ticking());
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      ids.add(events.next().orElseThrow().key().orElse(""));
    }

    events.finish();

    List<Event> late = new ArrayList<>();
    for (Optional<Event> event = events.next(); event.isPresent(); event = events.next()) {
      late.add(event.get());
    }
    assertThat(late)
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.kind()).isEqualTo(Kind.OUT_OF_ORDER))
        .noneMatch(event -> ids.contains(event.key().orElseThrow()));
  }

  private List<Event> draw(long seed, int count) {
    DrawEvents source = new DrawEvents(sample, seed, ticking());
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(source.next().orElseThrow());
    }
    return events;
  }

  /** Moves by a millisecond each time it is read: about a thousand events a second. */
  private static InstantSource ticking() {
    long[] now = {START};
    return () -> Instant.ofEpochMilli(now[0]++);
  }

  private static Event nearestInOrder(List<Event> events, int index) {
    int before = index - 1;
    while (events.get(before).kind() != Kind.IN_ORDER) {
      before--;
    }
    return events.get(before);
  }

  private static Event first(List<Event> events, Kind kind) {
    return events.stream().filter(event -> event.kind() == kind).findFirst().orElseThrow();
  }

  private static List<String> text(List<Event> events) {
    return events.stream()
        .map(
            event ->
                event.key().orElse("-")
                    + " "
                    + new String(event.value(), StandardCharsets.ISO_8859_1))
        .toList();
  }

  private static List<String> fieldNames(Event event) {
    List<String> names = new ArrayList<>();
    json(event).fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode json(Event event) {
    try {
      return JSON.readTree(event.value());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
