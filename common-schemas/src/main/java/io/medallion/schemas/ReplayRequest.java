package io.medallion.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;

/**
 * Which events of the quarantine silver shall judge again. The choice is of rows that are there
 * when it is made, so that it means the same whenever it is carried out.
 *
 * @param upTo the newest commit of the quarantine that is looked at
 * @param rules of which an event must have broken one; empty for all events
 * @param since when it was put into quarantine at the earliest, epoch milliseconds
 */
public record ReplayRequest(String upTo, List<String> rules, long since) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public ReplayRequest {
    rules = List.copyOf(rules);
  }

  /** Reads what {@link #toJson} wrote. */
  public static ReplayRequest parse(String json) {
    try {
      return JSON.readValue(json, ReplayRequest.class);
    } catch (JsonProcessingException failure) {
      throw new UncheckedIOException("Not a request for a replay: " + json, failure);
    }
  }

  /** As a JSON object of the components. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * Whether it asks for an event.
   *
   * @param instant the commit that put it into quarantine
   * @param broken the rules that it broke
   * @param quarantinedAt epoch milliseconds
   */
  public boolean asksFor(String instant, Collection<String> broken, long quarantinedAt) {
    return instant.compareTo(upTo) <= 0
        && quarantinedAt >= since
        && (rules.isEmpty() || rules.stream().anyMatch(broken::contains));
  }
}
