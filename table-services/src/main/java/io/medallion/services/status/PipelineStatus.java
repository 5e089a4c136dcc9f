package io.medallion.services.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * A pipeline at one moment, as readers of its tables see it.
 *
 * @param window how far back commits are counted, latencies are sampled and the objective is judged
 * @param layers its tables, in the order of the data; the quarantine is counted in silver
 * @param notices what a user should know beside that: Kafka that does not answer, clocks that
 *     differ
 */
public record PipelineStatus(
    String pipeline,
    Instant now,
    Duration objective,
    Duration window,
    List<LayerStatus> layers,
    Latency latency,
    List<String> notices) {
  public PipelineStatus {
    layers = List.copyOf(layers);
    notices = List.copyOf(notices);
  }

  /** The worst of all layers. */
  public FreshnessState state() {
    return layers.stream()
        .map(LayerStatus::state)
        .max(Comparator.naturalOrder())
        .orElse(FreshnessState.IDLE);
  }
}
