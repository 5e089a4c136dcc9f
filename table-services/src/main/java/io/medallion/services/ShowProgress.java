package io.medallion.services;

import io.medallion.io.ledger.AuditProgress;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Says on standard error how far a command has read: every two seconds on a terminal, in one line,
 * every ten elsewhere. A short one says nothing.
 */
public final class ShowProgress implements AuditProgress, AutoCloseable {
  private final PrintWriter err;
  private final boolean terminal;
  private final long every;
  private long last = System.nanoTime();
  private boolean shown;

  public ShowProgress(PrintWriter err, boolean terminal) {
    this(err, terminal, Duration.ofSeconds(terminal ? 2 : 10));
  }

  ShowProgress(PrintWriter err, boolean terminal, Duration every) {
    this.err = err;
    this.terminal = terminal;
    this.every = every.toNanos();
  }

  @Override
  public void read(String what, long done) {
    long now = System.nanoTime();
    if (now - last >= every) {
      last = now;
      shown = true;
      String line = "%,d %s read".formatted(done, what);
      if (terminal) {
        err.print("\r" + line + Terminal.CLEAR_LINE);
      } else {
        err.println(line);
      }
      err.flush();
    }
  }

  @Override
  public void close() {
    if (terminal && shown) {
      err.print("\r" + Terminal.CLEAR_LINE);
      err.flush();
    }
  }
}
