package io.medallion.services.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.medallion.services.ReportOnly;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.StopAtExit;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion chaos}: faults on real processes. */
@Command(
    name = "chaos",
    description =
        "Starts Kafka and Flink on free ports of this machine, runs the jobs of a pipeline under load with a reader beside them, breaks them by a seeded schedule, and counts what was lost or doubled.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing was lost, doubled or read in part, every fault was recovered from, and gold equals its recomputation",
      "1:something of that does not hold, or something failed",
      "2:the options or the pipeline folder cannot be used"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  Thirty faults of all kinds:",
      "    medallion chaos --faults 30 --seed 7",
      "  A thousand, in parts of thirty; for a night:",
      "    medallion chaos --faults 1000 --seed 1",
      "  Only some kinds, for ten minutes:",
      "    medallion chaos --faults 1000 --minutes 10 --kinds kill-taskmanager,bounce-broker"
    })
public final class ChaosCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ChaosOptions options;

  @Override
  public Integer call() throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    if (options.list()) {
      for (FaultKind kind : FaultKind.values()) {
        out.printf("%-30s %-8s %s%n", kind.label(), kind.listed(), kind.sentence());
        kind.unavailable().ifPresent(why -> out.printf("%40s(not here: %s)%n", "", why));
      }
      return 0;
    }
    if (options.faults() <= 0 || options.rate() <= 0) {
      throw new ParameterException(spec.commandLine(), "--faults and --rate must be above 0.");
    }
    if (options.fused() && options.sink() != Sink.MEDALLION) {
      throw new ParameterException(
          spec.commandLine(), "--fused needs our own sink, which hands rows on; leave out --sink.");
    }
    PrintWriter talk = options.json() ? spec.commandLine().getErr() : out;
    ChaosReport report;
    try {
      report = ReportOnly.during(() -> new RunChaos(options, Installation.current(), talk).run());
    } catch (RuntimeException e) {
      if (StopAtExit.isExiting()) {
        // Ctrl-C ended a process or a read under us: that is not news.
        return 1;
      }
      throw e;
    }
    if (options.json()) {
      report.printJson(out);
    } else {
      report.print(out);
    }
    return report.good() ? 0 : 1;
  }
}
