package io.medallion.services.gold;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.Tables;
import io.medallion.services.CommandFailedException;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code medallion gold rebuild}: brings a gold table to what its query says now. */
@Command(
    name = "rebuild",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Computes a gold table anew from silver as it is now, and changes the table to that in one commit:"
          + " a reader sees the old rows or the new ones, never a part of both.",
      "aggregate-gold must not run meanwhile. Start it afterwards without a checkpoint: it goes on where"
          + " the table stands."
    },
    footerHeading = "%nExample, after the query and its version were changed:%n",
    footer = {
      "  flink stop --savepointPath file:///data/savepoints JOB_ID_OF_AGGREGATE_GOLD",
      "  medallion gold rebuild --table daily_revenue --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  flink run -d aggregate-gold.jar --pipeline pipelines/transactions --warehouse file:///data/lake"
    })
final class RebuildCommand implements Callable<Integer> {
  @Option(
      names = "--table",
      required = true,
      paramLabel = "NAME",
      description = "The gold table, as pipeline.yaml names it.")
  private String table;

  @Mixin private PipelineTables tables;

  @Option(names = "--json", description = "Prints a JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PipelineDefinition pipeline = tables.pipeline();
    GoldDefinition gold = gold(pipeline);
    tables.requireCommit(List.of(Tables.silver(pipeline)), "refine-silver");
    tables.requireCommit(List.of(Tables.gold(gold)), "aggregate-gold");
    Rebuilt rebuilt =
        ReportOnly.during(
            () -> {
              try {
                return new RebuildGold(pipeline, gold, tables.warehouse()).rebuild(this::say);
              } catch (IllegalStateException notCommitted) {
                throw new CommandFailedException(notCommitted.getMessage(), notCommitted);
              }
            });
    spec.commandLine().getOut().print(json ? document(rebuilt) : text(rebuilt));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private GoldDefinition gold(PipelineDefinition pipeline) {
    return pipeline.gold().stream()
        .filter(gold -> gold.table().equals(table))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidConfigurationException(
                    "The command line",
                    List.of(
                        new Problem(
                            "command line",
                            "--table",
                            table,
                            "a gold table of the pipeline: "
                                + pipeline.gold().stream().map(GoldDefinition::table).toList(),
                            "Name one of them."))));
  }

  private static String text(Rebuilt rebuilt) {
    return "%s is version %d of its query, it was %d: %,d rows written, %,d deleted, %,d in all, silver as of %s.%n"
        .formatted(
            rebuilt.table(),
            rebuilt.version(),
            rebuilt.versionBefore(),
            rebuilt.written(),
            rebuilt.deleted(),
            rebuilt.rows(),
            rebuilt.silverAsOf());
  }

  private static String document(Rebuilt rebuilt) {
    return new ObjectMapper()
            .createObjectNode()
            .put("table", rebuilt.table())
            .put("version", rebuilt.version())
            .put("version-before", rebuilt.versionBefore())
            .put("written", rebuilt.written())
            .put("deleted", rebuilt.deleted())
            .put("rows", rebuilt.rows())
            .put("silver-as-of", rebuilt.silverAsOf())
            .toPrettyString()
        + "\n";
  }

  private void say(String news) {
    spec.commandLine().getErr().println(news);
    spec.commandLine().getErr().flush();
  }
}
