package io.medallion.io;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * What the jobs have in common: their options, the checks before they start, the submission.
 *
 * @param name the job's name, e.g. {@code ingest-bronze}
 * @param arrow what it does, e.g. {@code Kafka → bronze}
 * @param needsKafka whether it reads Kafka itself
 * @param graph draws the job's graph
 */
public record Job(String name, String arrow, boolean needsKafka, Graph graph) {

  /** Draws a job's graph. */
  @FunctionalInterface
  public interface Graph {
    /** Adds the operators of the job to the environment. */
    void define(StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse)
        throws Exception;
  }

  /**
   * Runs the job's {@code main}: returns when the job is submitted (detached) or has ended; a
   * configuration it must not start with is told on standard error and ends the process with exit
   * code 2, {@code --help} with 0.
   */
  public void run(String[] args) {
    CommandLine commandLine = commandLine();
    int exit = commandLine.execute(args);
    if (exit != 0 || commandLine.isUsageHelpRequested()) {
      System.exit(exit);
    }
  }

  /** Checks everything, creates the tables the job needs, and draws its graph. */
  public void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse)
      throws Exception {
    Preflight.check(env, pipeline, lakehouse.warehouse(), needsKafka);
    graph.define(env, pipeline, lakehouse);
  }

  private CommandLine commandLine() {
    CommandSpec spec =
        CommandSpec.create()
            .name("flink run -d " + name + ".jar")
            .mixinStandardHelpOptions(false)
            .addOption(
                OptionSpec.builder("--pipeline")
                    .type(String.class)
                    .paramLabel("DIR")
                    .required(true)
                    .description("The pipeline folder, on any file system that Flink knows.")
                    .build())
            .addOption(
                OptionSpec.builder("--warehouse")
                    .type(String.class)
                    .paramLabel("URI")
                    .required(true)
                    .description(
                        "The folder of the lakehouse: tables are below it as LAYER/TABLE. The same"
                            + " for all three jobs.")
                    .build())
            .addOption(
                OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Shows this page.")
                    .build());
    spec.usageMessage()
        .description(
            arrow
                + ": a continuous job. Parallelism, checkpoints and restarts are the cluster's (flink-conf).")
        .footer(
            "",
            "Examples:",
            "  KAFKA_BOOTSTRAP_SERVERS=broker:9092 flink run -d " + name + ".jar \\",
            "      --pipeline pipelines/transactions --warehouse s3a://lake",
            "  flink stop --savepointPath s3a://savepoints JOB_ID",
            "  flink run -d -s s3a://savepoints/savepoint-... "
                + name
                + ".jar --pipeline ... --warehouse ...");
    return new CommandLine(spec)
        .setExecutionStrategy(
            parsed ->
                parsed.isUsageHelpRequested()
                    ? CommandLine.executeHelpRequest(parsed)
                    : submit(parsed));
  }

  private int submit(ParseResult options) {
    try {
      PipelineDefinition pipeline =
          PipelineFolder.load(options.matchedOptionValue("--pipeline", ""), System.getenv());
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      define(
          env,
          pipeline,
          new Lakehouse(options.matchedOptionValue("--warehouse", ""), pipeline.name()));
      env.execute(name + " " + pipeline.name());
      loadBeforeExit("org.apache.hadoop.util.ShutdownHookManager$2");
      return 0;
    } catch (InvalidConfigurationException invalid) {
      options.commandSpec().commandLine().getErr().println(invalid.getMessage());
      return CommandLine.ExitCode.USAGE;
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException(
          name + " could not be submitted: " + failure.getMessage(), failure);
    }
  }

  /**
   * Loads a class that Hadoop's shutdown hook needs: the hook runs after Flink's client has closed
   * the class loader of the job's jar, and would end every submission with a stack trace.
   */
  private static void loadBeforeExit(String neededByHook) {
    try {
      Class.forName(neededByHook, true, Job.class.getClassLoader());
    } catch (ClassNotFoundException changed) {
      throw new IllegalStateException(
          "Hadoop's shutdown hook has changed: see which class it needs now.", changed);
    }
  }
}
