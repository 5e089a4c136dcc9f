package io.medallion.services.verify;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code medallion verify}: whether gold is what a recomputation from silver gives. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    // 1 says that gold differs; a table that cannot be read does not.
    exitCodeOnExecutionException = 2,
    description = {
      "Recomputes every gold table from silver as of the commit that the gold table has read up to,"
          + " and compares all rows and columns.",
      "Reads only the tables; a running pipeline need not stop."
    },
    footer = {
      "",
      "Exit codes: 0 gold equals its recomputation, 1 it differs, 2 it could not be compared.",
      "docs/verify.md explains the table and the JSON document.",
      "",
      "Examples:",
      "  medallion verify --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  medallion verify --pipeline pipelines/transactions --warehouse s3://lake --json"
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final int DIFFERS = 1;
  private static final int NOT_COMPARED = 2;

  @Mixin private PipelineTables tables;

  @Option(names = "--json", description = "Prints a JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PipelineDefinition definition = tables.pipeline();
    if (definition.gold().isEmpty()) {
      say(
          "Pipeline %s declares no gold table: there is nothing to be compared."
              .formatted(definition.name()));
      return NOT_COMPARED;
    }
    tables.requireCommit(definition.gold().stream().map(Tables::gold).toList(), "aggregate-gold");
    List<GoldCheck> checks =
        ReportOnly.during(
            () -> new VerifyGold(definition, tables.warehouse()).asCommitted(this::say));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? GoldJson.of(definition.name(), checks) : GoldText.of(checks));
    out.flush();
    return checks.stream().allMatch(GoldCheck::equal) ? 0 : DIFFERS;
  }

  private void say(String news) {
    spec.commandLine().getErr().println(news);
    spec.commandLine().getErr().flush();
  }
}
