package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pipeline that looks for new partitions every other second; Flink's five minutes are longer than
 * a run waits.
 */
final class ChaosPipeline {
  private static final String DISCOVERY = "partition.discovery.interval.ms";
  private static final String BROKERS = "(?m)^(\\s*)bootstrap\\.servers:.*$";

  private ChaosPipeline() {}

  /** Copies a pipeline folder and sets what differs; returns the copy. */
  static Path copy(Path folder, Path copy) {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) walk::iterator) {
        Path target = copy.resolve(folder.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
      Path definition = copy.resolve("pipeline.yaml");
      String text = Files.readString(definition, StandardCharsets.UTF_8);
      if (!text.contains(DISCOVERY)) {
        String changed = text.replaceFirst(BROKERS, "$0\n$1" + DISCOVERY + ": 2000");
        if (changed.equals(text)) {
          throw new CommandFailedException(
              "%s has no line bootstrap.servers: expected one below source.kafka."
                  .formatted(folder.resolve("pipeline.yaml")));
        }
        Files.write(definition, List.of(changed), StandardCharsets.UTF_8);
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a property is for Flink's Kafka source and unknown to Kafka's own clients. */
  static boolean isOfFlink(String property) {
    return property.equals(DISCOVERY);
  }
}
