package io.medallion.services.gold;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion gold}: the gold tables themselves. */
@Command(
    name = "gold",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks after gold tables.",
    subcommands = RebuildCommand.class,
    footerHeading = "%nExample:%n",
    footer =
        "  medallion gold rebuild --table daily_revenue --pipeline pipelines/transactions --warehouse file:///data/lake")
public final class GoldCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: rebuild.");
  }
}
