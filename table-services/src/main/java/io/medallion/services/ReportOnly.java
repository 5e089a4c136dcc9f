package io.medallion.services;

import java.io.PrintStream;
import java.util.function.Supplier;

/** Keeps standard output for a command's report: what libraries print goes to standard error. */
public final class ReportOnly {
  private ReportOnly() {}

  /** Does something during which libraries may print. */
  public static void run(Runnable work) {
    during(
        () -> {
          work.run();
          return true;
        });
  }

  /** The same, for its result. */
  public static <T> T during(Supplier<T> work) {
    PrintStream standardOutput = System.out;
    System.setOut(System.err);
    try {
      return work.get();
    } finally {
      System.setOut(standardOutput);
    }
  }
}
