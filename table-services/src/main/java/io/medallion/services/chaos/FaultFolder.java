package io.medallion.services.chaos;

import io.medallion.io.FaultPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * The folder in which the cluster's processes look for faults that are planned for them; what its
 * files say stands at {@code PlannedFaults} in lakehouse-io.
 *
 * @param path whose name the processes get as the system property {@code medallion.faults}
 */
record FaultFolder(Path path) {
  private static final String FILE_SYSTEM = "file-system";

  FaultFolder {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Lets the next process that reaches a point fail there, and waits until one has.
   *
   * @param fault {@code kill}, {@code fail} or {@code pause MILLISECONDS}
   * @throws NotReachedException if none has within the limit; then none will
   */
  void arm(FaultPoint point, String fault, Duration limit) {
    Path armed = plan(point, fault);
    long deadline = System.nanoTime() + limit.toNanos();
    while (Files.exists(armed)) {
      if (System.nanoTime() > deadline && disarm(armed)) {
        throw new NotReachedException(
            "no process came to %s within %d s".formatted(point.fileName(), limit.toSeconds()));
      }
      Wait.milliseconds(20);
    }
  }

  /** The same without waiting. */
  Path plan(FaultPoint point, String fault) {
    return write(point.fileName(), fault);
  }

  /** Lets every file system call be as told, until {@link #endFileSystem}. */
  void fileSystem(String fault) {
    write(FILE_SYSTEM, fault);
  }

  void endFileSystem() {
    disarm(path.resolve(FILE_SYSTEM));
  }

  private Path write(String name, String fault) {
    try {
      // Complete when it appears.
      Path file = path.resolve(name);
      Path draft = Files.writeString(path.resolve("draft-" + name), fault, StandardCharsets.UTF_8);
      return Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the file was still there. */
  private static boolean disarm(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
