package io.medallion.testing;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A copy of the shipped pipeline, which a test changes as its owner would.
 *
 * @param folder of the copy
 */
public record PipelineCopy(Path folder) {
  private static final Path SHIPPED = Path.of("../pipelines/transactions");

  /** Copies the pipeline into a new folder of that one. */
  public static PipelineCopy in(Path folder) throws IOException {
    Path copy = Files.createTempDirectory(folder, "pipeline");
    try (Stream<Path> files = Files.walk(SHIPPED)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(SHIPPED.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return new PipelineCopy(copy);
  }

  /**
   * Replaces a text in one of the files.
   *
   * @throws IllegalArgumentException if it is not there
   */
  public PipelineCopy change(String file, String from, String to) {
    Path path = folder.resolve(file);
    try {
      String text = Files.readString(path, StandardCharsets.UTF_8);
      if (!text.contains(from)) {
        throw new IllegalArgumentException("%s has no '%s'".formatted(file, from));
      }
      Files.writeString(path, text.replace(from, to), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not change " + path, failure);
    }
    return this;
  }

  /** The pipeline as it is now, on a broker. */
  public PipelineDefinition load(Broker broker) {
    return PipelineFolder.load(
        folder.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
  }
}
