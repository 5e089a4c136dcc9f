package io.medallion.services.quarantine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.services.TextTable;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import javax.annotation.Nullable;

/** Events of the quarantine by rule, and the newest of them; holds no more than those. */
final class QuarantineSummary {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final String table;
  private final int limit;
  private final Map<String, OfRule> rules = new TreeMap<>();
  private final PriorityQueue<QuarantinedEvent> newest =
      new PriorityQueue<>(QuarantinedEvent.NEWEST_LAST);
  private long events;

  /**
   * @param table qualified name
   * @param limit how many events are shown
   */
  QuarantineSummary(String table, int limit) {
    this.table = table;
    this.limit = limit;
  }

  void add(QuarantinedEvent event) {
    events++;
    event
        .rules()
        .forEach(
            rule ->
                rules.merge(
                    rule,
                    new OfRule(1, event.quarantinedAt(), event.quarantinedAt()),
                    OfRule::plus));
    newest.add(event);
    if (newest.size() > limit) {
      newest.poll();
    }
  }

  String text() {
    if (events == 0) {
      return "No such event in %s.%n".formatted(table);
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("rule", "events", "first", "last"));
    byEvents()
        .forEach(
            rule ->
                rows.add(
                    List.of(
                        rule.getKey(),
                        "%,d".formatted(rule.getValue().events),
                        rule.getValue().first.toString(),
                        rule.getValue().last.toString())));
    List<String> lines = new ArrayList<>(TextTable.lines(rows));
    lines.add("");
    newestFirst()
        .forEach(
            event ->
                lines.add(
                    "%s  %s  %s".formatted(event.quarantinedAt(), event.place(), event.reason())));
    lines.add(
        "%,d events in %s; the newest %,d are shown.".formatted(events, table, newest.size()));
    return String.join("\n", lines) + "\n";
  }

  String json() {
    ObjectNode root = JSON.createObjectNode().put("table", table).put("events", events);
    ArrayNode byRule = root.putArray("rules");
    byEvents()
        .forEach(
            rule ->
                byRule
                    .addObject()
                    .put("rule", rule.getKey())
                    .put("events", rule.getValue().events)
                    .put("first", rule.getValue().first.toString())
                    .put("last", rule.getValue().last.toString()));
    ArrayNode shown = root.putArray("newest");
    newestFirst().forEach(event -> write(event, shown.addObject()));
    return text(root) + "\n";
  }

  /** One event with its bytes, and when it was replayed, if it was. */
  static String json(
      QuarantinedEvent event,
      @Nullable byte[] key,
      @Nullable byte[] payload,
      List<Instant> replayedAt) {
    ObjectNode root = JSON.createObjectNode();
    write(event, root);
    replayedAt.forEach(at -> root.put("replayed-at", at.toString()));
    return text(root.put("key", key).put("payload", payload));
  }

  private static void write(QuarantinedEvent event, ObjectNode node) {
    node.put("topic", event.topic())
        .put("partition", event.partition())
        .put("offset", event.offset())
        .put("kafka-timestamp", event.kafkaTimestamp().toString())
        .put("quarantined-at", event.quarantinedAt().toString());
    event.rules().forEach(node.putArray("rules")::add);
    node.put("reason", event.reason());
  }

  private static String text(ObjectNode document) {
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private List<Map.Entry<String, OfRule>> byEvents() {
    return rules.entrySet().stream()
        .sorted(
            Comparator.comparing(
                (Map.Entry<String, OfRule> rule) -> rule.getValue().events,
                Comparator.reverseOrder()))
        .toList();
  }

  private List<QuarantinedEvent> newestFirst() {
    return newest.stream().sorted(QuarantinedEvent.NEWEST_LAST.reversed()).toList();
  }

  private record OfRule(long events, Instant first, Instant last) {
    OfRule plus(OfRule more) {
      return new OfRule(
          events + more.events,
          first.isBefore(more.first) ? first : more.first,
          last.isAfter(more.last) ? last : more.last);
    }
  }
}
