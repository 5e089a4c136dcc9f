package io.medallion.services;

import io.medallion.io.NotHeldException;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.services.audit.AuditCommand;
import io.medallion.services.chaos.ChaosCommand;
import io.medallion.services.demo.DemoCommand;
import io.medallion.services.gold.GoldCommand;
import io.medallion.services.quarantine.QuarantineCommand;
import io.medallion.services.report.ReportCommand;
import io.medallion.services.run.RunCommand;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.status.StatusCommand;
import io.medallion.services.verify.VerifyCommand;
import java.time.Duration;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code medallion} command. Exit codes: 0 done, 1 it did not work, 2 it was asked for
 * something that cannot be used.
 */
@Command(
    name = "medallion",
    description = "Streams Kafka events into bronze, silver and gold tables, and looks after them.",
    mixinStandardHelpOptions = true,
    version = "medallion 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ValidateCommand.class,
      DemoCommand.class,
      RunCommand.class,
      ProduceCommand.class,
      StatusCommand.class,
      ReportCommand.class,
      AuditCommand.class,
      VerifyCommand.class,
      QuarantineCommand.class,
      GoldCommand.class,
      ChaosCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  See the shipped pipeline at work on a Kafka and a Flink of its own; Ctrl-C ends it:",
      "    ./medallion demo",
      "  The same for a minute, then compare gold with a recomputation from silver:",
      "    ./medallion demo --for 60s",
      "  Submit your pipeline to your Flink:",
      "    ./medallion run --pipeline pipelines/mine --warehouse file:///data/lake --flink jobmanager:8081",
      "  Send a file of events to a topic of yours:",
      "    ./medallion produce --bootstrap-servers kafka:9092 --topic orders --file orders.jsonl --key id",
      "  See how fresh each layer is, and what keeps it:",
      "    ./medallion status --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  Draw how it has been doing, as a page:",
      "    ./medallion report --pipeline pipelines/transactions --warehouse file:///data/lake --out report.html",
      "  Check that every Kafka offset is in exactly one final state:",
      "    ./medallion audit --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  Check that gold is what a recomputation from silver gives:",
      "    ./medallion verify --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  See what silver did not take, and why:",
      "    ./medallion quarantine list --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  Bring a gold table to a changed query:",
      "    ./medallion gold rebuild --table daily_revenue --pipeline pipelines/transactions --warehouse file:///data/lake",
      "",
      "medallion COMMAND --help explains a command."
    })
public final class Medallion implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Medallion())
        .setUsageHelpWidth(120)
        .setParameterExceptionHandler(
            (exception, arguments) -> {
              CommandLine command = exception.getCommandLine();
              command.getErr().println(exception.getMessage());
              command
                  .getErr()
                  .printf("%s --help explains it.%n", command.getCommandSpec().qualifiedName());
              return 2;
            })
        .registerConverter(Duration.class, TimeUtils::parseDuration)
        .setExecutionExceptionHandler(
            (exception, commandLine, parsed) -> {
              if (exception instanceof InvalidConfigurationException) {
                commandLine.getErr().println(exception.getMessage());
                return 2;
              }
              if (exception instanceof NotHeldException) {
                commandLine.getErr().println(exception.getMessage());
                commandLine
                    .getErr()
                    .println("Where the jobs are at work, ask again after their next commits.");
                return 2;
              }
              if (exception instanceof CommandFailedException) {
                commandLine.getErr().println(exception.getMessage());
                return 1;
              }
              throw exception;
            });
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command.");
  }
}
