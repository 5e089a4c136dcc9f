package io.medallion.services.sample;

import java.nio.file.Path;
import java.util.List;

/**
 * Files of events, sent one after the other.
 *
 * @param key the field whose value is the Kafka key; a dot steps into a nested object
 * @param files JSON lines or CSV, in the order of sending
 */
public record RecordedSample(String key, List<Path> files) implements SampleDefinition {
  public RecordedSample {
    files = List.copyOf(files);
  }
}
