package io.medallion.services.sample;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A stream that is drawn from a seed. Shares are of all events sent, 0 to 1.
 *
 * @param key the field whose value is the Kafka key
 * @param fields the event's fields in the order in which they are written
 * @param duplicates share of events that repeat an earlier one, byte by byte
 * @param outOfOrder events that are sent late
 * @param corrections events that change an earlier one
 * @param reversals events that take an earlier one back, at most once for each key
 * @param invalid events that break the contract or a rule
 * @param corrupt share of events with damaged bytes
 */
public record GeneratedSample(
    String key,
    Map<String, ValueGenerator> fields,
    double duplicates,
    OutOfOrder outOfOrder,
    Revision corrections,
    Revision reversals,
    Invalid invalid,
    double corrupt)
    implements SampleDefinition {
  public GeneratedSample {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /**
   * Events that are held back.
   *
   * @param sentLateBy how long one is held back
   * @param eventTimeBack how far its event time is moved back: one of these, each as likely
   */
  public record OutOfOrder(double share, Duration sentLateBy, List<Duration> eventTimeBack) {
    static final OutOfOrder NONE = new OutOfOrder(0, Duration.ZERO, List.of(Duration.ZERO));

    public OutOfOrder {
      eventTimeBack = List.copyOf(eventTimeBack);
    }
  }

  /**
   * Events about an earlier, valid event that was sent; its event time is later than that of every
   * event of the key before. A field that is neither kept, set nor redrawn is absent.
   *
   * @param set fields with a fixed value
   * @param keep fields with the earlier event's value
   * @param redraw fields with a new value of their generator
   */
  public record Revision(
      double share, Map<String, JsonNode> set, Set<String> keep, Set<String> redraw) {
    static final Revision NONE = new Revision(0, Map.of(), Set.of(), Set.of());

    public Revision {
      set = Map.copyOf(set);
      keep = Set.copyOf(keep);
      redraw = Set.copyOf(redraw);
    }
  }

  /**
   * Events with some fields replaced.
   *
   * @param variants the replacements: one of these, each as likely
   */
  public record Invalid(double share, List<Map<String, JsonNode>> variants) {
    static final Invalid NONE = new Invalid(0, List.of());

    public Invalid {
      List<Map<String, JsonNode>> copies = new ArrayList<>();
      variants.forEach(variant -> copies.add(Map.copyOf(variant)));
      variants = List.copyOf(copies);
    }
  }
}
