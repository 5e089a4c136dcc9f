package io.medallion.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults that a test plans by putting files into a folder, which it names to the JVM; without the
 * name nothing here ever runs.
 *
 * <pre>
 * before-flush, during-commit, ...   taken by the first process that reaches the {@link FaultPoint}:
 *                                    kill | fail | pause MILLISECONDS
 * file-system                        holds for every call as long as the file is there:
 *                                    fail 1/N seed=S | slow MILLISECONDS | disk-full
 * done/                              the files that were taken, and by which process
 * </pre>
 */
final class PlannedFaults {
  /** The system property that names the folder. */
  static final String FOLDER = "medallion.faults";

  /** Whether any fault can be planned for this process. */
  static final boolean ON = System.getProperty(FOLDER) != null;

  private static final Logger LOG = LoggerFactory.getLogger(PlannedFaults.class);
  private static final String FILE_SYSTEM = "file-system";
  private static final int KILLED = 137;
  private static final AtomicLong CALLS = new AtomicLong();

  private PlannedFaults() {}

  static void reached(FaultPoint point) {
    reached(Path.of(System.getProperty(FOLDER)), point);
  }

  static void reached(Path folder, FaultPoint point) {
    String fault = take(folder, point.fileName());
    if (fault.isEmpty()) {
      return;
    }
    LOG.warn("Planned fault at {}: {}", point.fileName(), fault);
    String[] words = fault.split("\\s+", -1);
    switch (words[0]) {
      case "kill" -> Runtime.getRuntime().halt(KILLED);
      case "fail" ->
          throw new UncheckedIOException(new IOException("Planned fault at " + point.fileName()));
      case "pause" -> pause(Long.parseLong(words[1]));
      default -> throw unknown(point.fileName(), fault);
    }
  }

  /** Before each call of the file system, e.g. {@code rename}. */
  static void beforeCall(String call, Object path) throws IOException {
    if (ON) {
      beforeCall(Path.of(System.getProperty(FOLDER)), call, path);
    }
  }

  static void beforeCall(Path folder, String call, Object path) throws IOException {
    String[] words = read(folder.resolve(FILE_SYSTEM)).split("\\s+", -1);
    switch (words[0]) {
      case "" -> {}
      case "fail" -> {
        long one = Long.parseLong(words[1].substring(words[1].indexOf('/') + 1));
        long seed = Long.parseLong(words[2].substring(words[2].indexOf('=') + 1));
        if (Math.floorMod(mix(seed + CALLS.incrementAndGet()), one) == 0) {
          throw new IOException("Planned fault of the file system: %s %s".formatted(call, path));
        }
      }
      case "slow" -> pause(Long.parseLong(words[1]));
      case "disk-full" -> {
        if (call.equals("create") || call.equals("write") || call.equals("mkdirs")) {
          throw new IOException(
              "No space left on device (planned fault): %s %s".formatted(call, path));
        }
      }
      default -> throw unknown(FILE_SYSTEM, String.join(" ", words));
    }
  }

  /**
   * What the file says, which then belongs to this caller alone; nothing when it is not there or
   * another one was faster.
   */
  private static String take(Path folder, String name) {
    Path armed = folder.resolve(name);
    if (!Files.exists(armed)) {
      return "";
    }
    Path done = folder.resolve("done").resolve(name + "-" + UUID.randomUUID());
    try {
      Files.createDirectories(done.getParent());
      Files.move(armed, done, StandardCopyOption.ATOMIC_MOVE);
      String fault = Files.readString(done, StandardCharsets.UTF_8).strip();
      Files.writeString(
          done,
          "%nby process %d%n".formatted(ProcessHandle.current().pid()),
          StandardCharsets.UTF_8,
          StandardOpenOption.APPEND);
      return fault;
    } catch (NoSuchFileException taken) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8).strip() : "";
    } catch (IOException over) {
      return "";
    }
  }

  private static void pause(long milliseconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spreads consecutive numbers: the finalizer of SplitMix64. */
  private static long mix(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  private static IllegalStateException unknown(String file, String fault) {
    return new IllegalStateException(
        "Planned fault %s says '%s': expected what the class comment of %s lists."
            .formatted(file, fault, PlannedFaults.class.getSimpleName()));
  }
}
