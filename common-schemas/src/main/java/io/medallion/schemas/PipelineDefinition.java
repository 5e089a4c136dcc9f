package io.medallion.schemas;

import java.time.Duration;
import java.util.List;

/**
 * One pipeline folder, parsed and checked: what {@link PipelineFolder} returns and every job and
 * command works from.
 *
 * @param name the pipeline's name; names the bronze, silver and quarantine tables
 * @param freshnessObjective how old gold may be before a layer counts as stalled
 */
public record PipelineDefinition(
    String name,
    Duration freshnessObjective,
    SourceDefinition source,
    SilverDefinition silver,
    List<GoldDefinition> gold) {
  public PipelineDefinition {
    gold = List.copyOf(gold);
  }
}
