package io.medallion.services.chaos;

import io.medallion.services.chaos.ReadBronze.Difference;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Reads bronze again and again while it is written. What is wrong in two reads after each other is
 * lost or doubled; what only one of them saw was a partial read.
 */
final class WatchBronze implements AutoCloseable {
  private static final int LEAST_PAUSE_MS = 300;

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(20);

  /** A reader that nobody waits for takes at most a third of a core from the jobs. */
  private static final int PAUSE_FOR_READING = 2;

  private final ReadBronze bronze;
  private final Consumer<String> news;
  private final Map<String, BitSet> lost = new TreeMap<>();
  private final Map<String, BitSet> doubled = new TreeMap<>();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong failedReads = new AtomicLong();
  private final AtomicLong looksBegun = new AtomicLong();
  private final AtomicLong looksDone = new AtomicLong();
  private final Thread thread;
  private FaultResult current;
  private volatile boolean awaited;
  private volatile boolean closed;

  /**
   * @param before takes what goes wrong before the first fault
   * @param news is told what goes wrong
   */
  WatchBronze(ReadBronze bronze, FaultResult before, Consumer<String> news) {
    this.bronze = bronze;
    this.current = before;
    this.news = news;
    this.thread = new Thread(this::run, "watch-bronze");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until the table was read from its begin to its end, unless that takes very long. */
  void awaitLook() {
    long next = looksBegun.get() + 1;
    awaited = true;
    Wait.until(LONGEST_LOOK, () -> looksDone.get() >= next || closed);
    awaited = false;
  }

  /** From now on, what goes wrong is this fault's. */
  synchronized void during(FaultResult fault) {
    current = fault;
  }

  long reads() {
    return reads.get();
  }

  /** Reads that ended with an exception: loud, so nobody took anything for the table. */
  long failedReads() {
    return failedReads.get();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads and counts once. */
  void look() {
    Optional<Difference> difference = read();
    if (difference.filter(this::isNews).isEmpty()) {
      return;
    }
    Optional<Difference> again = read();
    while (again.isEmpty() && !closed) {
      Wait.milliseconds(LEAST_PAUSE_MS);
      again = read();
    }
    count(difference.get(), again.orElse(difference.get()));
  }

  private synchronized boolean isNews(Difference difference) {
    return Offsets.without(Offsets.both(difference.missing(), difference.missing()), lost) > 0
        || Offsets.without(allDoubled(difference), doubled) > 0;
  }

  private synchronized void count(Difference first, Difference second) {
    Map<String, BitSet> missing = Offsets.both(first.missing(), second.missing());
    long moreLost = Offsets.without(missing, lost);
    Offsets.join(lost, missing);
    Map<String, BitSet> twice = Offsets.both(allDoubled(first), allDoubled(second));
    long moreDoubled = Offsets.without(twice, doubled);
    Offsets.join(doubled, twice);
    if (moreLost == 0 && moreDoubled == 0) {
      current.partialRead();
      news.accept(
          "a partial read: %,d rows beside commit %s: %,d missing, %,d doubled, %,d surplus"
              .formatted(
                  first.rows(),
                  first.instant(),
                  Offsets.count(first.missing()),
                  Offsets.count(first.doubled()),
                  Offsets.count(first.surplus())));
    } else {
      current.wrong(moreLost, moreDoubled);
      news.accept(
          "bronze has lost %,d records and doubled %,d: lost %s, doubled %s (commit %s at %s)"
              .formatted(
                  moreLost,
                  moreDoubled,
                  shortly(missing),
                  shortly(twice),
                  second.instant(),
                  second.next()));
    }
  }

  /** What was never a record of Kafka, or came before its commit, is as wrong as a double. */
  private static Map<String, BitSet> allDoubled(Difference difference) {
    Map<String, BitSet> all = new TreeMap<>();
    Offsets.join(all, difference.doubled());
    Offsets.join(all, difference.surplus());
    return all;
  }

  private static String shortly(Map<String, BitSet> offsets) {
    Map<String, String> ranges = new TreeMap<>();
    offsets.forEach(
        (partition, those) -> {
          if (!those.isEmpty()) {
            ranges.put(
                partition,
                "%d of %d to %d"
                    .formatted(those.cardinality(), those.nextSetBit(0), those.length() - 1));
          }
        });
    return ranges.toString();
  }

  private Optional<Difference> read() {
    try {
      Optional<Difference> difference = bronze.read();
      reads.incrementAndGet();
      return difference;
    } catch (RuntimeException failed) {
      if (failedReads.getAndIncrement() == 0) {
        news.accept("the first read of bronze that failed: " + failed);
      }
      return Optional.empty();
    }
  }

  private void run() {
    while (!closed) {
      long start = System.nanoTime();
      looksBegun.incrementAndGet();
      look();
      looksDone.incrementAndGet();
      long took = (System.nanoTime() - start) / 1_000_000;
      Duration pause = Duration.ofMillis(Math.max(LEAST_PAUSE_MS, took * PAUSE_FOR_READING));
      Wait.until(pause, () -> awaited || closed);
    }
  }
}
