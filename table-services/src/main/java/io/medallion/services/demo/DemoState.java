package io.medallion.services.demo;

import io.medallion.schemas.Layer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The demo at one moment.
 *
 * @param elapsed since sending began
 * @param sent events sent so far
 * @param perSecond events sent in the last second
 * @param notices what goes wrong at the moment
 * @param layers the tables of the layers, in the order of the data
 */
record DemoState(
    String pipeline,
    String webUi,
    Instant now,
    Duration elapsed,
    long sent,
    long perSecond,
    List<String> notices,
    List<LayerState> layers,
    List<GoldRows> gold) {
  DemoState {
    notices = List.copyOf(notices);
    layers = List.copyOf(layers);
    gold = List.copyOf(gold);
  }

  List<LayerState> of(Layer layer) {
    return new Layers(layers).of(layer);
  }

  LayerState bronze() {
    return new Layers(layers).bronze();
  }

  LayerState silver() {
    return new Layers(layers).silver();
  }

  /** How old gold is from end to end: its stalest table; empty until each has a row. */
  Optional<Duration> goldFreshness() {
    List<LayerState> tables = of(Layer.GOLD);
    List<Duration> known =
        tables.stream().flatMap(state -> state.freshness(now).stream()).sorted().toList();
    return known.isEmpty() || known.size() < tables.size()
        ? Optional.empty()
        : Optional.of(known.get(known.size() - 1));
  }

  /** What is still under way, by name; empty when gold holds everything that was sent. */
  SortedMap<String, String> underWay(Map<String, Long> endOffsets) {
    return new Layers(layers).underWay(endOffsets);
  }
}
