package io.medallion.services;

import io.medallion.io.CommitLog;
import io.medallion.schemas.AnyVariable;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Problem;
import io.medallion.schemas.TableDefinition;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options of a command that reads the tables of a pipeline. */
public final class PipelineTables {
  @Option(
      names = "--pipeline",
      required = true,
      paramLabel = "DIR",
      description = "The pipeline folder, on any file system that Flink knows.")
  private String pipeline;

  @Option(
      names = "--warehouse",
      required = true,
      paramLabel = "URI",
      description = "The folder of all layers, as the jobs were given it.")
  private String warehouse;

  /** The pipeline; none of its variables need be set. */
  public PipelineDefinition pipeline() {
    return pipeline(new AnyVariable(System.getenv()));
  }

  /**
   * The pipeline.
   *
   * @param environment what its variables are
   */
  public PipelineDefinition pipeline(Map<String, String> environment) {
    return PipelineFolder.load(pipeline, environment);
  }

  public String warehouse() {
    return warehouse;
  }

  /**
   * Asks for a commit in one of some tables at least.
   *
   * @param job which one makes it
   * @throws InvalidConfigurationException if there is none
   */
  public void requireCommit(List<TableDefinition> tables, String job) {
    if (tables.stream().noneMatch(table -> CommitLog.latest(warehouse, table).isPresent())) {
      throw new InvalidConfigurationException(
          "The warehouse",
          List.of(
              new Problem(
                  "command line",
                  "--warehouse",
                  warehouse,
                  "a warehouse with a commit of "
                      + tables.stream()
                          .map(TableDefinition::qualifiedName)
                          .collect(Collectors.joining(" or ")),
                  "Correct the address or the pipeline, or start " + job + ".")));
    }
  }
}
