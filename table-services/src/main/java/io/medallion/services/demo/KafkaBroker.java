package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/** A Kafka broker of one node (KRaft, broker and controller in one process), on loopback. */
public final class KafkaBroker implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final Installation installation;
  private final Path directory;
  private final List<String> options;
  private final int port;
  private LaunchedProcess process;

  private KafkaBroker(Installation installation, Path directory, List<String> options, int port) {
    this.installation = installation;
    this.directory = directory;
    this.options = List.copyOf(options);
    this.port = port;
  }

  /**
   * Formats a log directory, starts the broker on free ports and waits until it answers.
   *
   * @param directory where its data and log file go; created
   * @param options of its JVM, beside those that it always has
   */
  public static KafkaBroker start(Installation installation, Path directory, List<String> options) {
    KafkaBroker broker = new KafkaBroker(installation, directory, options, FreePort.any());
    broker.writeConfiguration();
    broker.format();
    broker.restart();
    return broker;
  }

  /** {@code 127.0.0.1:port}; the same after a restart. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The running process, to be asked for its pid or killed. */
  public LaunchedProcess process() {
    return process;
  }

  /** Starts the broker again on its data and waits until it answers. */
  public void restart() {
    if (process != null) {
      process.close();
    }
    process =
        LaunchedProcess.start(
            "Kafka broker",
            command("-Xmx512m", options, "kafka.Kafka", configuration().toString()),
            Map.of(),
            directory.resolve("kafka.log"));
    try {
      AwaitReadiness.of(process, START_TIMEOUT, this::answers);
    } catch (CommandFailedException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    process.close();
  }

  private void format() {
    LaunchedProcess format =
        LaunchedProcess.start(
            "Kafka storage tool",
            command(
                "-Xmx128m",
                List.of(),
                "kafka.tools.StorageTool",
                "format",
                "--cluster-id",
                Uuid.randomUuid().toString(),
                "--config",
                configuration().toString()),
            Map.of(),
            directory.resolve("kafka-format.log"));
    if (format.await(START_TIMEOUT) != 0) {
      throw new CommandFailedException(
          "Kafka's log directory could not be formatted:%n%s".formatted(format.logTail()));
    }
  }

  private List<String> command(String heap, List<String> more, String... mainAndArguments) {
    List<String> jvm = new ArrayList<>(more);
    jvm.add(heap);
    jvm.add(
        "-Dlog4j2.configurationFile="
            + installation.flinkConf().resolve("log4j-kafka.properties").toUri());
    return CommandLines.java(jvm, installation.kafkaClassPath(), mainAndArguments);
  }

  private void writeConfiguration() {
    int controller = FreePort.any();
    Properties properties = new Properties();
    properties.setProperty("process.roles", "broker,controller");
    properties.setProperty("node.id", "1");
    properties.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controller);
    properties.setProperty("controller.listener.names", "CONTROLLER");
    properties.setProperty(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller));
    properties.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.setProperty("log.dirs", directory.resolve("data").toString());
    // One node cannot replicate; the defaults ask for three.
    properties.setProperty("offsets.topic.replication.factor", "1");
    properties.setProperty("transaction.state.log.replication.factor", "1");
    properties.setProperty("transaction.state.log.min.isr", "1");
    properties.setProperty("group.initial.rebalance.delay.ms", "0");
    // A mistyped topic is an error to be seen, not a topic.
    properties.setProperty("auto.create.topics.enable", "false");
    try {
      Files.createDirectories(directory);
      try (var out = Files.newBufferedWriter(configuration())) {
        properties.store(out, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path configuration() {
    return directory.resolve("server.properties");
  }

  private boolean answers() {
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                1000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                2000))) {
      return !admin.describeCluster().nodes().get(3, TimeUnit.SECONDS).isEmpty();
    } catch (ExecutionException | TimeoutException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
