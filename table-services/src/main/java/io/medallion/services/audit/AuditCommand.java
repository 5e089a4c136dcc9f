package io.medallion.services.audit;

import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditReport;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.services.KafkaAccess;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import io.medallion.services.ShowProgress;
import io.medallion.services.Terminal;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code medallion audit}: whether every Kafka offset is in exactly one final state. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    // 1 says that something is off; a table that cannot be read does not.
    exitCodeOnExecutionException = 2,
    description = {
      "Checks that every Kafka offset a pipeline has read is in exactly one final state, and that"
          + " every commit of every table continues the one before it.",
      "Reads only the tables, their commits and Kafka's offsets; a running pipeline need not stop."
    },
    footer = {
      "",
      "Exit codes: 0 all adds up, 1 something is off and named, 2 it could not be asked.",
      "docs/audit.md explains the table, every finding and the JSON document.",
      "",
      "Examples:",
      "  medallion audit --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  medallion audit --pipeline pipelines/transactions --warehouse s3://lake --without-kafka --json"
    })
public final class AuditCommand implements Callable<Integer> {
  private static final int FINDINGS = 1;

  private final Map<String, String> environment;

  @Mixin private PipelineTables tables;

  @Mixin private KafkaAccess kafka;

  @Option(names = "--json", description = "Prints a JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  public AuditCommand() {
    this(System.getenv());
  }

  AuditCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    PipelineDefinition definition = tables.pipeline(kafka.environment(environment));
    PrintWriter out = spec.commandLine().getOut();
    AuditReport report = run(kafka.audit(definition, tables.warehouse()));
    out.print(json ? ReportJson.of(report) : ReportText.of(report));
    out.flush();
    return report.clean() ? 0 : FINDINGS;
  }

  private AuditReport run(Audit audit) {
    try (ShowProgress progress =
        new ShowProgress(spec.commandLine().getErr(), Terminal.attached())) {
      return ReportOnly.during(() -> audit.run(progress));
    }
  }
}
