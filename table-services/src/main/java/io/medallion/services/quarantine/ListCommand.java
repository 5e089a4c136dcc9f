package io.medallion.services.quarantine;

import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.ReplayRequest;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion quarantine list}: how many events broke which rule, and the newest of them. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows how many events broke which rule, and the newest of them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  medallion quarantine list --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  The last hour, of one rule:",
      "    medallion quarantine list --rule 'region is known' --since 1h --pipeline pipelines/transactions --warehouse file:///data/lake"
    })
final class ListCommand implements Callable<Integer> {
  @Mixin private PipelineTables tables;

  @Mixin private ChosenEvents chosen;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "So many events are shown, the newest. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--json", description = "Prints a JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new ParameterException(spec.commandLine(), "--limit: %d is below 0.".formatted(limit));
    }
    PipelineDefinition pipeline = tables.pipeline();
    TableDefinition table = Tables.quarantine(pipeline);
    tables.requireCommit(List.of(table), "refine-silver");
    ReplayRequest all =
        chosen.upTo(CommitLog.newestInstant(tables.warehouse(), table).orElseThrow());
    QuarantineSummary summary = new QuarantineSummary(table.qualifiedName(), limit);
    Lakehouse lakehouse = new Lakehouse(tables.warehouse(), pipeline.name());
    ReportOnly.run(() -> OpenEvents.read(lakehouse, table, all, summary::add));
    spec.commandLine().getOut().print(json ? summary.json() : summary.text());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
