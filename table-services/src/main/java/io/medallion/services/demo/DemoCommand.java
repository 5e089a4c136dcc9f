package io.medallion.services.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion demo}: a pipeline at work, from Kafka to gold, on this machine. */
@Command(
    name = "demo",
    description =
        "Starts Kafka and Flink on free ports of this machine, submits the jobs of a pipeline, sends the stream its sample.yaml declares, and shows the layers. Ctrl-C stops everything it started.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:gold equals its recomputation and nothing is pending, or Ctrl-C",
      "1:it does not, or something failed",
      "2:the options or the pipeline folder cannot be used"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  Watch the shipped pipeline until Ctrl-C:",
      "    medallion demo",
      "  A minute without watching, then compare gold with a recomputation:",
      "    medallion demo --for 60s",
      "  The same with one job instead of three:",
      "    medallion demo --for 60s --fused",
      "  Your own pipeline, and keep the tables to look at them:",
      "    medallion demo --pipeline my/pipeline --for 30s --keep",
      "  Your own Kafka and Flink:",
      "    medallion demo --bootstrap-servers kafka:9092 --flink jobmanager:8081 --warehouse s3://lake"
    })
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DemoOptions options;

  @Override
  public Integer call() {
    if (options.rate() <= 0) {
      throw new ParameterException(spec.commandLine(), "--rate must be above 0.");
    }
    if (options
        .duration()
        .filter(duration -> duration.isNegative() || duration.isZero())
        .isPresent()) {
      throw new ParameterException(spec.commandLine(), "--for must be above 0.");
    }
    try {
      return new RunDemo(options, Installation.current(), spec.commandLine().getOut()).run();
    } catch (RuntimeException e) {
      if (StopAtExit.isExiting()) {
        // Ctrl-C ended a process or a read under us: that is not news.
        return 0;
      }
      throw e;
    }
  }
}
