package io.medallion.services.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of a run's tables, checkpoints and logs, deleted at the end unless it is kept. */
public final class DemoDirectory implements AutoCloseable {
  private final Path path;
  private final boolean keep;

  private DemoDirectory(Path path, boolean keep) {
    this.path = path;
    this.keep = keep;
  }

  /** Creates a temporary folder that goes when this JVM ends, after everything that uses it. */
  public static DemoDirectory create(boolean keep) {
    try {
      DemoDirectory directory =
          new DemoDirectory(Files.createTempDirectory("medallion-demo-"), keep);
      StopAtExit.add(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("No temporary folder can be created.", e);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    StopAtExit.remove(this);
    if (keep || !Files.exists(path)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(path)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
