package io.medallion.services.chaos;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a run says line by line as things happen, and when, and when it is over. */
final class RunLog {
  private final PrintWriter out;
  private final Optional<Duration> limit;
  private final long start = System.nanoTime();

  /**
   * @param out for people
   * @param limit after which nothing more is broken
   */
  RunLog(PrintWriter out, Optional<Duration> limit) {
    this.out = out;
    this.limit = limit;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  boolean isOver() {
    return limit.filter(most -> elapsed().compareTo(most) > 0).isPresent();
  }

  /** Says what has happened, behind the time since the begin. */
  void happened(String format, Object... arguments) {
    Duration now = elapsed();
    List<Object> timed = new ArrayList<>(List.of(now.toMinutes(), now.toSecondsPart()));
    timed.addAll(Arrays.asList(arguments));
    say("%02d:%02d  " + format, timed.toArray());
  }

  synchronized void say(String format, Object... arguments) {
    out.printf(format + "%n", arguments);
    out.flush();
  }
}
