package io.medallion.services.quarantine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion quarantine}: what silver did not take. */
@Command(
    name = "quarantine",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Shows the events that silver did not take, the rules that they broke, and their bytes, and has them judged again.",
    subcommands = {ListCommand.class, ShowCommand.class, ReplayCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  How many broke which rule, and the newest of them:",
      "    medallion quarantine list --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  One event as it came:",
      "    medallion quarantine show transactions-0@42 --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  After a rule was corrected, those that it had kept out:",
      "    medallion quarantine replay --rule 'region is known' --pipeline pipelines/transactions --warehouse file:///data/lake"
    })
public final class QuarantineCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: list, show or replay.");
  }
}
