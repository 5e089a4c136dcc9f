package io.medallion.services.chaos;

import io.medallion.services.chaos.TrackTables.Arrivals;
import java.time.Duration;
import java.util.Optional;

/** Waits until every layer holds something that is newer than a fault. */
final class AwaitRecovery {
  private static final int BETWEEN_LOOKS_MS = 200;
  private static final long BETWEEN_REPAIRS_NANOS = Duration.ofSeconds(3).toNanos();

  private final TrackTables tables;
  private final Runnable repair;

  /**
   * @param repair starts what has ended meanwhile
   */
  AwaitRecovery(TrackTables tables, Runnable repair) {
    this.tables = tables;
    this.repair = repair;
  }

  /** Empty when a layer did not come that far within the limit. */
  Optional<Recovery> of(Moment fault, Duration limit) {
    Arrivals newer = tables.since(fault);
    long repaired = System.nanoTime();
    long bronzeNanos = 0;
    while (System.nanoTime() - fault.nanos() < limit.toNanos()) {
      if (bronzeNanos == 0 && newer.inBronze()) {
        bronzeNanos = System.nanoTime();
      }
      if (bronzeNanos != 0 && newer.inGold()) {
        return Optional.of(
            new Recovery(
                Duration.ofNanos(bronzeNanos - fault.nanos()),
                Duration.ofNanos(System.nanoTime() - fault.nanos())));
      }
      if (System.nanoTime() - repaired > BETWEEN_REPAIRS_NANOS) {
        repair.run();
        repaired = System.nanoTime();
      }
      Wait.milliseconds(BETWEEN_LOOKS_MS);
    }
    return Optional.empty();
  }

  /** How long it took until something newer was in bronze and until it was in gold. */
  record Recovery(Duration toBronze, Duration toGold) {}
}
