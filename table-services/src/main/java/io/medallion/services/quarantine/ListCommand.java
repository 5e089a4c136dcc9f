package io.medallion.services.quarantine;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.util.TimeUtils;
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

  @Option(names = "--rule", paramLabel = "NAME", description = "Only events that broke this rule.")
  private String rule;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only events judged since then: 2026-01-31T12:00:00Z, or 2h for the last two hours.")
  private String since;

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
    Instant from = since == null ? Instant.MIN : since();
    PipelineDefinition pipeline = tables.pipeline();
    TableDefinition table = Tables.quarantine(pipeline);
    tables.requireCommit(List.of(table), "refine-silver");
    QuarantineSummary summary = new QuarantineSummary(table.qualifiedName(), limit);
    Lakehouse lakehouse = new Lakehouse(tables.warehouse(), pipeline.name());
    ReportOnly.run(
        () ->
            lakehouse.read(
                table,
                QuarantinedEvent.COLUMNS,
                row -> {
                  QuarantinedEvent event = QuarantinedEvent.of(row);
                  if (!event.quarantinedAt().isBefore(from)
                      && (rule == null || event.rules().contains(rule))) {
                    summary.add(event);
                  }
                }));
    spec.commandLine().getOut().print(json ? summary.json() : summary.text());
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Instant since() {
    try {
      return Instant.parse(since);
    } catch (DateTimeException noTime) {
      try {
        Duration back = TimeUtils.parseDuration(since);
        return Instant.now().minus(back);
      } catch (IllegalArgumentException noDuration) {
        throw new ParameterException(
            spec.commandLine(),
            "--since: found %s, expected a UTC time such as 2026-01-31T12:00:00Z or a duration such as 2h."
                .formatted(since),
            noDuration);
      }
    }
  }
}
