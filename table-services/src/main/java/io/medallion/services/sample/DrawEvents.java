package io.medallion.services.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.services.sample.Event.Kind;
import io.medallion.services.sample.GeneratedSample.Revision;
import io.medallion.services.sample.ValueGenerator.Values;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;

/**
 * Draws the events of a generated sample. The seed decides everything but the event times, which
 * are the clock's.
 *
 * <p>Revisions are about valid events that were given out before, never about one that is held back
 * or was reversed, and are later than everything before them: when the stream has come to its end,
 * nothing waits for anything.
 */
public final class DrawEvents implements EventSource {
  /** Events that a revision can be about, and events that can be repeated: a bound on memory. */
  private static final int REMEMBERED = 20_000;

  /** Bytes that no JSON text holds at any place: control characters, and no byte of UTF-8. */
  private static final byte[] DAMAGE = {0x00, 0x01, (byte) 0xC0, (byte) 0xFF};

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private final GeneratedSample sample;
  private final Random random;
  private final InstantSource clock;
  private final Map<String, Values> fields = new LinkedHashMap<>();
  private final Queue<HeldBack> heldBack = new ArrayDeque<>();
  private final List<Sent> revisable = new ArrayList<>();
  private final List<Event> repeatable = new ArrayList<>();
  private boolean finished;

  public DrawEvents(GeneratedSample sample, long seed, InstantSource clock) {
    this.sample = sample;
    this.random = new Random(seed);
    this.clock = clock;
    sample.fields().forEach((name, generator) -> fields.put(name, generator.values()));
  }

  @Override
  public Optional<Event> next() {
    while (true) {
      HeldBack late = heldBack.peek();
      if (late != null && (finished || late.until <= clock.millis())) {
        heldBack.remove();
        return Optional.of(send(late.event, late.fields, late.eventTime));
      }
      if (finished) {
        return Optional.empty();
      }
      Optional<Event> drawn = draw();
      if (drawn.isPresent()) {
        return drawn;
      }
    }
  }

  @Override
  public void finish() {
    finished = true;
  }

  /** Draws an event; empty when it is held back. */
  private Optional<Event> draw() {
    long now = clock.millis();
    double share = random.nextDouble();
    share -= sample.duplicates();
    if (share < 0 && !repeatable.isEmpty()) {
      Event repeated = repeatable.get(random.nextInt(repeatable.size()));
      return Optional.of(new Event(Kind.DUPLICATE, repeated.key(), repeated.value()));
    }
    share -= sample.corrections().share();
    if (share < 0 && !revisable.isEmpty()) {
      int index = random.nextInt(revisable.size());
      return Optional.of(revise(Kind.CORRECTION, sample.corrections(), revisable.get(index), now));
    }
    share -= sample.reversals().share();
    if (share < 0 && !revisable.isEmpty()) {
      Sent reversed = forget(random.nextInt(revisable.size()));
      return Optional.of(revise(Kind.REVERSAL, sample.reversals(), reversed, now));
    }
    share -= sample.invalid().share();
    if (share < 0) {
      ObjectNode event = fresh(now);
      sample
          .invalid()
          .variants()
          .get(random.nextInt(sample.invalid().variants().size()))
          .forEach(event::set);
      return Optional.of(event(Kind.INVALID, event));
    }
    share -= sample.corrupt();
    if (share < 0) {
      Event whole = event(Kind.CORRUPT, fresh(now));
      return Optional.of(new Event(Kind.CORRUPT, whole.key(), damaged(whole.value())));
    }
    share -= sample.outOfOrder().share();
    if (share < 0) {
      List<Duration> back = sample.outOfOrder().eventTimeBack();
      long eventTime = now - back.get(random.nextInt(back.size())).toMillis();
      ObjectNode event = fresh(eventTime);
      heldBack.add(
          new HeldBack(
              now + sample.outOfOrder().sentLateBy().toMillis(),
              event(Kind.OUT_OF_ORDER, event),
              event,
              eventTime));
      return Optional.empty();
    }
    ObjectNode event = fresh(now);
    return Optional.of(send(event(Kind.IN_ORDER, event), event, now));
  }

  private ObjectNode fresh(long eventTime) {
    ObjectNode event = JSON.createObjectNode();
    fields.forEach((name, values) -> event.set(name, values.next(random, eventTime)));
    return event;
  }

  private Event revise(Kind kind, Revision revision, Sent original, long now) {
    long eventTime = Math.max(now, original.lastEventTime + 1);
    original.lastEventTime = eventTime;
    ObjectNode event = JSON.createObjectNode();
    fields.forEach(
        (name, values) -> {
          if (revision.set().containsKey(name)) {
            event.set(name, revision.set().get(name));
          } else if (revision.keep().contains(name)) {
            event.set(name, original.kept.get(name));
          } else if (revision.redraw().contains(name)) {
            event.set(name, values.next(random, eventTime));
          }
        });
    return repeatable(event(kind, event));
  }

  /** Remembers a valid event as sent. */
  private Event send(Event event, ObjectNode fields, long eventTime) {
    Map<String, JsonNode> kept = new LinkedHashMap<>();
    for (Set<String> names : List.of(sample.corrections().keep(), sample.reversals().keep())) {
      names.forEach(name -> kept.put(name, fields.get(name)));
    }
    Sent sent = new Sent(kept, eventTime);
    if (revisable.size() < REMEMBERED) {
      revisable.add(sent);
    } else {
      revisable.set(random.nextInt(REMEMBERED), sent);
    }
    return repeatable(event);
  }

  private Event repeatable(Event event) {
    if (repeatable.size() < REMEMBERED) {
      repeatable.add(event);
    } else {
      repeatable.set(random.nextInt(REMEMBERED), event);
    }
    return event;
  }

  private Sent forget(int index) {
    Sent last = revisable.remove(revisable.size() - 1);
    return index == revisable.size() ? last : revisable.set(index, last);
  }

  private byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    int places = 1 + random.nextInt(4);
    for (int i = 0; i < places; i++) {
      damaged[random.nextInt(damaged.length)] = DAMAGE[random.nextInt(DAMAGE.length)];
    }
    return damaged;
  }

  private Event event(Kind kind, ObjectNode fields) {
    JsonNode key = fields.path(sample.key());
    try {
      return new Event(
          kind,
          key.isNull() || key.isMissingNode() ? Optional.empty() : Optional.of(key.asText()),
          JSON.writeValueAsBytes(fields));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record HeldBack(long until, Event event, ObjectNode fields, long eventTime) {}

  /** An event that a revision can be about. */
  private static final class Sent {
    private final Map<String, JsonNode> kept;
    private long lastEventTime;

    Sent(Map<String, JsonNode> kept, long eventTime) {
      this.kept = kept;
      this.lastEventTime = eventTime;
    }
  }
}
