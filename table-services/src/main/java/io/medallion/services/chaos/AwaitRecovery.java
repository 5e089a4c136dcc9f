package io.medallion.services.chaos;

import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.services.demo.Layers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Waits until every layer holds an event that is newer than a fault: first a commit of bronze, then
 * one of silver that has read it, then one of each gold table that has read that.
 */
final class AwaitRecovery {
  private static final int BETWEEN_LOOKS_MS = 200;
  private static final long BETWEEN_REPAIRS_NANOS = Duration.ofSeconds(3).toNanos();

  private final Supplier<Layers> layers;
  private final Runnable repair;

  /**
   * @param repair starts what has ended meanwhile
   */
  AwaitRecovery(Supplier<Layers> layers, Runnable repair) {
    this.layers = layers;
    this.repair = repair;
  }

  /** Empty when a layer did not come that far within the limit. */
  Optional<Recovery> of(Moment fault, Duration limit) {
    long repaired = System.nanoTime();
    long bronzeNanos = 0;
    long bronzeRows = -1;
    long silverChanges = -1;
    while (System.nanoTime() - fault.nanos() < limit.toNanos()) {
      Layers now = layers.get();
      if (bronzeRows < 0 && holdsNewer(now.bronze().progress(), fault)) {
        bronzeNanos = System.nanoTime();
        bronzeRows = now.bronze().rows();
      }
      Progress silver = now.silver().progress();
      if (bronzeRows >= 0 && silverChanges < 0 && silver.counter(Progress.INPUT) >= bronzeRows) {
        silverChanges = silver.counter(Progress.CHANGES);
      }
      if (silverChanges >= 0 && goldHas(now, silverChanges)) {
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

  private static boolean holdsNewer(Progress bronze, Moment fault) {
    return fault.endOffsets().entrySet().stream()
        .anyMatch(end -> bronze.next(end.getKey()) > end.getValue());
  }

  private static boolean goldHas(Layers layers, long silverChanges) {
    return layers.of(Layer.GOLD).stream()
        .allMatch(gold -> gold.progress().counter(Progress.INPUT) >= silverChanges);
  }

  /** How long it took until a newer event was in bronze and until it was in gold. */
  record Recovery(Duration toBronze, Duration toGold) {}
}
