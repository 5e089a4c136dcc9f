package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process of ours, its output in files; ended by its handle, never by its name, and never later
 * than this JVM.
 */
public final class LaunchedProcess implements AutoCloseable {
  /**
   * Options of a JVM that lives for minutes: compile quickly rather than well. Told so, it reserves
   * 48 MB for code, which jobs that are loaded again and again fill; it would go on without a
   * compiler, or fail.
   */
  public static final List<String> SHORT_LIVED =
      List.of("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m");

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int TAIL_LINES = 20;

  private final String name;
  private final Process process;
  private final List<Path> logs;

  private LaunchedProcess(String name, Process process, List<Path> logs) {
    this.name = name;
    this.process = process;
    this.logs = logs;
  }

  /**
   * Starts a command.
   *
   * @param name what messages call it, e.g. {@code TaskManager}
   * @param out where its standard output and error go; appended to
   * @param logs files it writes itself and that say why it ended
   */
  static LaunchedProcess start(
      String name, List<String> command, Map<String, String> environment, Path out, Path... logs) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      List<Path> files = new ArrayList<>(List.of(logs));
      files.add(out);
      LaunchedProcess launched = new LaunchedProcess(name, process, files);
      StopAtExit.add(launched);
      return launched;
    } catch (IOException e) {
      throw new CommandFailedException(
          "%s could not be started with %s: %s".formatted(name, command.get(0), e.getMessage()), e);
    }
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Fails with the end of its log when the process has ended by itself. */
  public void requireAlive() {
    if (!process.isAlive()) {
      throw new CommandFailedException(
          "The %s (pid %d) ended with exit code %d. The end of its log:%n%s"
              .formatted(name, pid(), process.exitValue(), logTail()));
    }
  }

  /** Ends it without a chance to clean up, as {@code kill -9}, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
    StopAtExit.remove(this);
  }

  /** Stops its clock, as {@code kill -STOP}: it lives, holds its ports and does nothing. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets it go on where it was frozen. */
  public void thaw() {
    signal("CONT");
  }

  /** Asks it to end, and kills it when it has not after ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
      StopAtExit.remove(this);
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end and returns the exit code, or kills it when the time is over. */
  int await(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
        throw new CommandFailedException(
            "The %s did not end within %d s. The end of its log:%n%s"
                .formatted(name, timeout.toSeconds(), logTail()));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while waiting for the " + name + ".", e);
    }
  }

  /** The last lines of everything it wrote, indented; says so when it wrote nothing. */
  String logTail() {
    List<String> tail = new ArrayList<>();
    for (Path log : logs) {
      if (Files.exists(log)) {
        List<String> lines = lines(log);
        lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()).stream()
            .map(line -> "    " + line)
            .forEach(tail::add);
      }
    }
    return tail.isEmpty() ? "    (it wrote nothing)" : String.join("\n", tail);
  }

  private void signal(String signal) {
    try {
      int exitCode =
          new ProcessBuilder("kill", "-" + signal, String.valueOf(pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (exitCode != 0) {
        throw new CommandFailedException(
            "kill -%s of the %s (pid %d) failed: is it still there?"
                .formatted(signal, name, pid()));
      }
    } catch (IOException e) {
      throw new CommandFailedException("kill -%s cannot be run: %s".formatted(signal, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while sending a signal.", e);
    }
  }

  private void awaitExit() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> lines(Path log) {
    try (Stream<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()) {
      return lines.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
