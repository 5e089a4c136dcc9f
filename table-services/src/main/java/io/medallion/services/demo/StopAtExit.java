package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must not outlive this JVM, stopped in reverse order of its start when the JVM ends, however
 * it ends: the end of the command, a failure, Ctrl-C.
 */
public final class StopAtExit {
  private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();
  private static boolean exiting;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(StopAtExit::stopAll, "stop-at-exit"));
  }

  private StopAtExit() {}

  /** Takes over what was started; stops it at once when the JVM is ending already. */
  public static void add(AutoCloseable started) {
    synchronized (STARTED) {
      if (!exiting) {
        STARTED.push(started);
        return;
      }
    }
    stop(started);
    throw new CommandFailedException("Stopped.");
  }

  /** Lets go of what was stopped already. */
  public static void remove(AutoCloseable stopped) {
    synchronized (STARTED) {
      STARTED.remove(stopped);
    }
  }

  /** Whether everything is being stopped: what ends now does not end by itself. */
  public static boolean isExiting() {
    synchronized (STARTED) {
      return exiting;
    }
  }

  private static void stopAll() {
    synchronized (STARTED) {
      exiting = true;
    }
    while (true) {
      AutoCloseable last;
      synchronized (STARTED) {
        last = STARTED.poll();
      }
      if (last == null) {
        return;
      }
      stop(last);
    }
  }

  // Whatever one of them throws, the others are stopped too.
  @SuppressWarnings("CatchAndPrintStackTrace")
  private static void stop(AutoCloseable started) {
    try {
      started.close();
    } catch (Exception e) {
      e.printStackTrace();
    }
  }
}
