package io.medallion.services.run;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.demo.DemoDirectory;
import io.medallion.services.demo.Deployment;
import io.medallion.services.demo.FlinkCli;
import io.medallion.services.demo.FlinkRest;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.PipelineJobs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Submits the jobs of a pipeline with Flink's own client, and waits until they run. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Submits the jobs of a pipeline to a Flink cluster and waits until they run: three, or one with --fused.",
      "They go on where the tables stand. With --from they take up the state of a savepoint, too; what it does not hold is read from the tables."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the jobs run; each is named with its id",
      "1:one could not be submitted, or ended",
      "2:the options or the pipeline folder cannot be used"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  KAFKA_BOOTSTRAP_SERVERS=kafka:9092 medallion run --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  From three jobs to one: stop them with savepoints, and go on from that of refine-silver:",
      "    flink stop --savepointPath file:///savepoints JOB_ID",
      "    medallion run --fused --from file:///savepoints/savepoint-... --pipeline ... --warehouse ...",
      "  And back, all three from the savepoint of the one:",
      "    medallion run --from file:///savepoints/savepoint-... --pipeline ... --warehouse ..."
    })
public final class RunCommand implements Callable<Integer> {
  @Option(
      names = "--pipeline",
      required = true,
      paramLabel = "DIR",
      description = "The pipeline folder, on this machine.")
  private Path pipeline;

  @Option(
      names = "--warehouse",
      required = true,
      paramLabel = "URI",
      description = "The folder of the lakehouse: tables are below it as LAYER/TABLE.")
  private String warehouse;

  @Option(
      names = "--flink",
      paramLabel = "HOST:PORT",
      defaultValue = "localhost:8081",
      description = "The REST address of a Flink 1.20 cluster. Default: ${DEFAULT-VALUE}.")
  private String flink;

  @Mixin private Deployment deployment;

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description =
          "A savepoint or checkpoint: of one of the three jobs for --fused, or of the fused job.")
  private String from;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Of each job. Default: the cluster's.")
  private Integer parallelism;

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  public RunCommand() {
    this(System.getenv());
  }

  RunCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    if (parallelism != null && parallelism < 1) {
      throw new ParameterException(spec.commandLine(), "--parallelism must be 1 or more.");
    }
    Path folder = pipeline.toAbsolutePath().normalize();
    // A pipeline that cannot be used is refused before anything is asked of the cluster.
    PipelineDefinition definition = PipelineFolder.load(folder.toUri().toString(), environment);
    FlinkRest rest = new FlinkRest(flink);
    rest.requireSlots();
    try (DemoDirectory output = DemoDirectory.create(false)) {
      Installation installation = Installation.current();
      FlinkCli cli = new FlinkCli(installation, flink, settings(rest), environment, output.path());
      PipelineJobs jobs =
          new PipelineJobs(cli, rest, deployment.jars(installation), folder, warehouse);
      PrintWriter out = spec.commandLine().getOut();
      for (String job : jobs.names()) {
        out.printf("%s %s %s%n", job, definition.name(), jobs.submit(job, options()));
        out.flush();
      }
      jobs.awaitRunning(() -> {});
      out.println("All tasks run. Watch them: " + rest.url());
      out.flush();
    }
    return 0;
  }

  /** Where checkpoints go is the cluster's to say; the client has a configuration of its own. */
  private static Map<String, String> settings(FlinkRest rest) {
    return rest.checkpointFolder()
        .map(folder -> Map.of("execution.checkpointing.dir", folder))
        .orElse(Map.of());
  }

  private List<String> options() {
    List<String> options = new ArrayList<>();
    if (from != null) {
      // A savepoint of the other deployment has operators that this job has not.
      options.addAll(List.of("-s", from, "--allowNonRestoredState"));
    }
    if (parallelism != null) {
      options.addAll(List.of("-p", String.valueOf(parallelism)));
    }
    return options;
  }
}
