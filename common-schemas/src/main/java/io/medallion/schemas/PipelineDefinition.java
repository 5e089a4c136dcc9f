package io.medallion.schemas;

import java.time.Duration;
import java.util.List;

/**
 * One pipeline folder, parsed and checked: what {@link PipelineFolder} returns and every job and
 * command works from.
 *
 * @param name the pipeline's name; names the bronze, silver and quarantine tables
 * @param freshnessObjective how long a record may be in Kafka before readers of gold see it
 * @param references the tables that gold may join and rules may ask
 */
public record PipelineDefinition(
    String name,
    Duration freshnessObjective,
    SourceDefinition source,
    SilverDefinition silver,
    List<Reference> references,
    List<GoldDefinition> gold) {
  public PipelineDefinition {
    references = List.copyOf(references);
    gold = List.copyOf(gold);
  }

  /** The references that gold queries name. */
  public List<Reference> joined() {
    return references.stream()
        .filter(table -> gold.stream().anyMatch(query -> query.references().contains(table)))
        .toList();
  }

  /** The tables of the warehouse among them. */
  public List<TableDefinition> joinedTables() {
    return joined().stream()
        .filter(Reference.OfPipeline.class::isInstance)
        .map(table -> ((Reference.OfPipeline) table).table())
        .distinct()
        .toList();
  }
}
