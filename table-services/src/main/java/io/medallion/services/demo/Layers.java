package io.medallion.services.demo;

import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tables of a pipeline at one moment.
 *
 * @param all in the order of the data
 */
public record Layers(List<LayerState> all) {
  public Layers {
    all = List.copyOf(all);
  }

  public List<LayerState> of(Layer layer) {
    return all.stream().filter(state -> state.table().layer() == layer).toList();
  }

  public LayerState bronze() {
    return of(Layer.BRONZE).get(0);
  }

  public LayerState silver() {
    return of(Layer.SILVER).get(0);
  }

  /** What is still under way, by name; empty when gold holds everything that was sent. */
  public SortedMap<String, String> underWay(Map<String, Long> endOffsets) {
    SortedMap<String, String> underWay = new TreeMap<>();
    endOffsets.forEach(
        (partition, end) -> {
          long next = bronze().progress().next(partition);
          if (next < end) {
            underWay.put(
                bronze().table().qualifiedName(), behind(next, end, "offsets of " + partition));
          }
        });
    compare(underWay, silver(), bronze().rows(), "bronze rows");
    long changes = silver().progress().counter(Progress.CHANGES);
    of(Layer.GOLD).forEach(gold -> compare(underWay, gold, changes, "silver changes"));
    long pending = silver().progress().counter(Progress.PENDING);
    if (pending > 0) {
      underWay.put("corrections that wait for their record", String.valueOf(pending));
    }
    return underWay;
  }

  private static void compare(
      SortedMap<String, String> underWay, LayerState state, long expected, String what) {
    long input = state.progress().counter(Progress.INPUT);
    if (input != expected) {
      underWay.put(state.table().qualifiedName(), behind(input, expected, what));
    }
  }

  private static String behind(long have, long expected, String what) {
    return "%,d of %,d %s".formatted(have, expected, what);
  }
}
