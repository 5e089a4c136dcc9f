package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Flink's own command line client as a process: {@code $FLINK_HOME/bin/flink} where a distribution
 * is installed, its main class from the assembled Flink otherwise.
 */
public final class FlinkCli {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");

  /**
   * Settings that a job takes from its client; a distribution's client has another configuration.
   */
  private static final List<String> OF_JOBS = List.of("execution.checkpointing.", "state.backend.");

  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

  private final Installation installation;
  private final String address;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final Path directory;
  private final AtomicInteger runs = new AtomicInteger();

  /**
   * @param address {@code host:port} of the cluster's REST interface
   * @param settings settings of the jobs that differ from {@code flink-conf}
   * @param environment variables that the jobs' main methods read
   * @param directory where the client's output goes
   */
  public FlinkCli(
      Installation installation,
      String address,
      Map<String, String> settings,
      Map<String, String> environment,
      Path directory) {
    this.installation = installation;
    this.address = address;
    this.settings = new TreeMap<>(settings);
    this.environment = new TreeMap<>(environment);
    if (distribution().isEmpty()) {
      this.environment.putAll(installation.flinkEnvironment());
    } else {
      configuration()
          .toMap()
          .forEach(
              (key, value) -> {
                if (OF_JOBS.stream().anyMatch(key::startsWith)) {
                  this.settings.putIfAbsent(key, value);
                }
              });
    }
    this.directory = directory;
  }

  /**
   * Submits a job and does not wait for its end.
   *
   * @return the job id
   */
  public String submit(Path jar, String... arguments) {
    return submit(jar, List.of(), arguments);
  }

  /** Submits a job that goes on from a savepoint or a retained checkpoint. */
  public String submitFrom(String savepoint, Path jar, String... arguments) {
    return submit(jar, List.of("-s", savepoint), arguments);
  }

  /**
   * Submits a job with options of {@code flink run}, e.g. {@code -p 1}.
   *
   * @return the job id
   */
  public String submit(Path jar, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>(List.of("run", "-d", "-m", address));
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(options);
    command.add(jar.toString());
    command.addAll(List.of(arguments));
    return run("Submitting " + jar.getFileName(), command, JOB_ID);
  }

  /**
   * Stops a job with a savepoint.
   *
   * @return the savepoint's path
   */
  public String stop(String jobId) {
    return run("Stopping job " + jobId, List.of("stop", "-m", address, jobId), SAVEPOINT);
  }

  private String run(String what, List<String> arguments, Pattern answer) {
    Path out = directory.resolve("client-%d.out".formatted(runs.incrementAndGet()));
    try {
      LaunchedProcess client =
          LaunchedProcess.start("Flink client", command(arguments), environment, out);
      try (client) {
        int exitCode = client.await(TIMEOUT);
        String output = Files.readString(out, StandardCharsets.UTF_8);
        Matcher matcher = answer.matcher(output);
        if (exitCode != 0 || !matcher.find()) {
          throw new CommandFailedException(
              "%s failed (exit code %d):%n%s"
                  .formatted(what, exitCode, FailureMessages.of(output)));
        }
        return matcher.group(1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Configuration configuration() {
    return GlobalConfiguration.loadConfiguration(installation.flinkConf().toString());
  }

  private static Optional<Path> distribution() {
    return Optional.ofNullable(System.getenv("FLINK_HOME"))
        .filter(home -> !home.isEmpty())
        .map(Path::of);
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (distribution().isPresent()) {
      command.add(distribution().get().resolve("bin").resolve("flink").toString());
      command.addAll(arguments);
      return command;
    }
    List<String> options = new ArrayList<>();
    String opens = configuration().get(CoreOptions.FLINK_JVM_OPTIONS);
    options.addAll(List.of(opens.trim().split("\\s+")));
    options.add("-Xmx512m");
    options.addAll(LaunchedProcess.SHORT_LIVED);
    options.add("-XX:+UseSerialGC");
    options.add(
        "-Dlog4j2.configurationFile="
            + installation.flinkConf().resolve("log4j-cli.properties").toUri());
    List<String> mainAndArguments = new ArrayList<>();
    mainAndArguments.add("org.apache.flink.client.cli.CliFrontend");
    mainAndArguments.addAll(arguments);
    return CommandLines.java(
        options, installation.flinkClassPath(), mainAndArguments.toArray(String[]::new));
  }
}
