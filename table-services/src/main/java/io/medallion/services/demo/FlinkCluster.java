package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.TaskManagerOptions;

/**
 * A Flink session cluster: a JobManager and TaskManagers as processes on loopback, configured by
 * {@code flink-conf}, with the memory that Flink's own start scripts would give them.
 */
public final class FlinkCluster implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String RESULT = "BASH_JAVA_UTILS_EXEC_RESULT:";

  private final Installation installation;
  private final Path directory;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final Map<String, List<String>> resources = new HashMap<>();
  private final FlinkRest rest;
  private final String address;
  private final Deque<LaunchedProcess> taskManagers = new ArrayDeque<>();
  private LaunchedProcess jobManager;
  private final Map<LaunchedProcess, String> resourceIds = new HashMap<>();
  private int started;

  private FlinkCluster(
      Installation installation,
      Path directory,
      Map<String, String> overrides,
      Map<String, String> environment) {
    int restPort = FreePort.preferably(8081);
    this.installation = installation;
    this.directory = directory;
    this.address = "127.0.0.1:" + restPort;
    this.rest = new FlinkRest(address);
    this.environment = new HashMap<>(environment);
    this.environment.putAll(installation.flinkEnvironment());
    this.settings = new TreeMap<>();
    settings.put("rest.port", String.valueOf(restPort));
    settings.put("jobmanager.rpc.port", String.valueOf(FreePort.any()));
    settings.put("io.tmp.dirs", directory.resolve("tmp").toString());
    settings.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    settings.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("savepoints").toUri().toString());
    settings.putAll(overrides);
  }

  /**
   * Starts a JobManager and one TaskManager and waits until its slots are registered.
   *
   * @param directory where checkpoints, temporary files and logs go; created
   * @param overrides settings that differ from {@code flink-conf}
   */
  public static FlinkCluster start(
      Installation installation, Path directory, Map<String, String> overrides) {
    return start(installation, directory, overrides, Map.of(), 1);
  }

  /**
   * Starts a JobManager and TaskManagers and waits until their slots are registered.
   *
   * @param environment variables of its processes
   */
  public static FlinkCluster start(
      Installation installation,
      Path directory,
      Map<String, String> overrides,
      Map<String, String> environment,
      int taskManagers) {
    FlinkCluster cluster = new FlinkCluster(installation, directory, overrides, environment);
    try {
      Files.createDirectories(directory.resolve("tmp"));
      cluster.startJobManager();
      for (int i = 0; i < taskManagers; i++) {
        cluster.startTaskManager();
      }
      cluster.awaitSlots();
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (CommandFailedException e) {
      cluster.close();
      throw e;
    }
  }

  /** {@code host:port} of the REST interface. */
  public String address() {
    return address;
  }

  public FlinkRest rest() {
    return rest;
  }

  /**
   * The settings of this cluster that differ from {@code flink-conf}, which its clients need too.
   */
  public Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  public LaunchedProcess jobManager() {
    return jobManager;
  }

  /** The TaskManagers that were started and not closed, newest first. */
  public List<LaunchedProcess> taskManagers() {
    return List.copyOf(taskManagers);
  }

  /** Fails with the end of a log when a process of the cluster has ended by itself. */
  public void requireAlive() {
    jobManager.requireAlive();
    taskManagers.forEach(LaunchedProcess::requireAlive);
  }

  /**
   * Starts the JobManager, on the same ports as before; jobs of an earlier one are not known to it.
   */
  public void startJobManager() {
    jobManager =
        launch(
            "JobManager",
            "GET_JM_RESOURCE_PARAMS",
            CoreOptions.FLINK_JM_JVM_OPTIONS,
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            Map.of());
    AwaitReadiness.of(jobManager, START_TIMEOUT, rest::answers);
  }

  /** The living TaskManager that runs the most tasks. */
  public LaunchedProcess busiestTaskManager() {
    Map<String, Integer> used = rest.usedSlots();
    return taskManagers.stream()
        .filter(LaunchedProcess::isAlive)
        .max(Comparator.comparingInt(process -> used.getOrDefault(resourceIds.get(process), 0)))
        .orElseThrow(() -> new CommandFailedException("No TaskManager is alive."));
  }

  /** Starts one more TaskManager and does not wait for it; those that have ended are forgotten. */
  public LaunchedProcess startTaskManager() {
    for (LaunchedProcess ended : taskManagers()) {
      if (!ended.isAlive()) {
        ended.close();
        taskManagers.remove(ended);
        resourceIds.remove(ended);
      }
    }
    String resourceId = "taskmanager-" + (started + 1);
    LaunchedProcess taskManager =
        launch(
            "TaskManager",
            "GET_TM_RESOURCE_PARAMS",
            CoreOptions.FLINK_TM_JVM_OPTIONS,
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            Map.of(TaskManagerOptions.TASK_MANAGER_RESOURCE_ID.key(), resourceId));
    resourceIds.put(taskManager, resourceId);
    taskManagers.push(taskManager);
    return taskManager;
  }

  /** Waits until the slots of every TaskManager are registered. */
  public void awaitSlots() {
    int slots = taskManagers.size() * configuration().get(TaskManagerOptions.NUM_TASK_SLOTS);
    AwaitReadiness.of(taskManagers.peek(), START_TIMEOUT, () -> rest.slots() >= slots);
  }

  @Override
  public void close() {
    taskManagers.forEach(LaunchedProcess::close);
    if (jobManager != null) {
      jobManager.close();
    }
  }

  private LaunchedProcess launch(
      String name,
      String command,
      ConfigOption<String> jvmOptions,
      String mainClass,
      Map<String, String> own) {
    started++;
    List<String> computed = resources.computeIfAbsent(command, this::resourceParameters);
    Path log = directory.resolve("%s-%d.log".formatted(name.toLowerCase(Locale.ROOT), started));
    List<String> options = new ArrayList<>(words(computed.get(0)));
    options.addAll(words(configuration().get(CoreOptions.FLINK_JVM_OPTIONS)));
    options.addAll(words(configuration().get(jvmOptions)));
    options.add("-Dlog.file=" + log);
    options.add(
        "-Dlog4j2.configurationFile="
            + installation.flinkConf().resolve("log4j.properties").toUri());
    List<String> arguments = new ArrayList<>();
    arguments.add(mainClass);
    arguments.add("--configDir");
    arguments.add(installation.flinkConf().toString());
    arguments.addAll(words(computed.get(1)));
    arguments.addAll(CommandLines.settings(settings));
    arguments.addAll(CommandLines.settings(own));
    return LaunchedProcess.start(
        name,
        CommandLines.java(options, installation.flinkClassPath(), arguments.toArray(String[]::new)),
        environment,
        directory.resolve(log.getFileName() + ".out"),
        log);
  }

  /**
   * What Flink's start scripts ask before they start a process: JVM options, dynamic properties.
   */
  private List<String> resourceParameters(String command) {
    Path out = directory.resolve(command + ".out");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "org.apache.flink.runtime.util.bash.BashJavaUtils",
                command,
                "--configDir",
                installation.flinkConf().toString()));
    arguments.addAll(CommandLines.settings(settings));
    try {
      Files.deleteIfExists(out);
      LaunchedProcess process =
          LaunchedProcess.start(
              "computation of Flink's memory",
              CommandLines.java(
                  List.of("-Xmx64m", "-XX:+UseSerialGC"),
                  installation.flinkClassPath(),
                  arguments.toArray(String[]::new)),
              installation.flinkEnvironment(),
              out);
      int exitCode = process.await(START_TIMEOUT);
      List<String> results =
          Files.readAllLines(out, StandardCharsets.UTF_8).stream()
              .filter(line -> line.startsWith(RESULT))
              .map(line -> line.substring(RESULT.length()))
              .toList();
      if (exitCode != 0 || results.size() != 2) {
        throw new CommandFailedException(
            "Flink could not compute the memory of its processes from config.yaml:%n%s"
                .formatted(process.logTail()));
      }
      return results;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Configuration configuration() {
    return GlobalConfiguration.loadConfiguration(
        installation.flinkConf().toString(), Configuration.fromMap(settings));
  }

  private static List<String> words(String line) {
    return line.isBlank() ? List.of() : List.of(line.trim().split("\\s+"));
  }
}
