package io.medallion.services.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The completed checkpoints that Flink keeps.
 *
 * @param folder {@code execution.checkpointing.dir}
 */
record RetainedCheckpoints(Path folder) {
  private static final String PREFIX = "chk-";

  /** Of one job, oldest first; as Flink's client takes them with {@code -s}. */
  List<String> of(String jobId) {
    try (Stream<Path> entries = Files.list(folder.resolve(jobId))) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
          .filter(entry -> Files.exists(entry.resolve("_metadata")))
          .sorted(Comparator.comparingLong(RetainedCheckpoints::number))
          .map(entry -> entry.toUri().toString())
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }
}
