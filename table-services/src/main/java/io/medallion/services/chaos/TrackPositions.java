package io.medallion.services.chaos;

import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.services.demo.Layers;
import io.medallion.services.demo.WatchLayers;
import java.util.Map;
import java.util.SortedMap;

/**
 * By what our commits say they have read: an event that is newer than the fault is in bronze, its
 * rows in silver, their changes in gold.
 */
final class TrackPositions implements TrackTables {
  private static final int TRIES = 10;
  private static final int BETWEEN_TRIES_MS = 300;

  private final WatchLayers watch;

  TrackPositions(PipelineDefinition pipeline, String warehouse) {
    this.watch = new WatchLayers(pipeline, warehouse);
  }

  @Override
  public Arrivals since(Moment fault) {
    return new Newer(fault);
  }

  @Override
  public SortedMap<String, String> underWay(Map<String, Long> ends) {
    return layers().underWay(ends);
  }

  /** The newest commits; a table whose files change under the reader is asked again. */
  private Layers layers() {
    for (int i = 1; ; i++) {
      try {
        return new Layers(watch.states());
      } catch (RuntimeException failed) {
        if (i == TRIES) {
          throw failed;
        }
        Wait.milliseconds(BETWEEN_TRIES_MS);
      }
    }
  }

  private final class Newer implements Arrivals {
    private final Moment fault;
    private long bronzeRows = -1;
    private long silverChanges = -1;

    Newer(Moment fault) {
      this.fault = fault;
    }

    @Override
    public boolean inBronze() {
      Layers now = layers();
      Progress bronze = now.bronze().progress();
      if (fault.endOffsets().entrySet().stream()
          .noneMatch(end -> bronze.next(end.getKey()) > end.getValue())) {
        return false;
      }
      bronzeRows = now.bronze().rows();
      return true;
    }

    @Override
    public boolean inGold() {
      Layers now = layers();
      Progress silver = now.silver().progress();
      if (silverChanges < 0 && silver.counter(Progress.INPUT) >= bronzeRows) {
        silverChanges = silver.counter(Progress.CHANGES);
      }
      return silverChanges >= 0
          && now.of(Layer.GOLD).stream()
              .allMatch(gold -> gold.progress().counter(Progress.INPUT) >= silverChanges);
    }
  }
}
