package io.medallion.services.demo;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code medallion demo}. */
final class DemoOptions {
  @Option(
      names = "--pipeline",
      paramLabel = "DIR",
      description = "The pipeline folder to run. Default: the shipped pipelines/transactions.")
  private Path pipeline;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Events per second. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The same seed sends the same events. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description =
          "Sends for this long (such as 60s or 5min), waits until gold holds everything, compares gold with a recomputation from silver and ends. Default: until Ctrl-C, without comparing.")
  private Duration duration;

  @Mixin private Deployment deployment;

  @Option(
      names = "--keep",
      description = "Keeps the tables, checkpoints and logs and says where they are.")
  private boolean keep;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT[,...]",
      description = "Uses your Kafka. The topic is created when it is missing, and stays.")
  private String bootstrapServers;

  @Option(
      names = "--flink",
      paramLabel = "HOST:PORT",
      description =
          "Uses your Flink 1.20 cluster with this REST address. The demo's jobs are cancelled at the end.")
  private String flink;

  @Option(
      names = "--warehouse",
      paramLabel = "DIR",
      description =
          "The folder or URI of the tables, which stay. Default: a temporary folder, deleted at the end.")
  private String warehouse;

  Path pipeline(Installation installation) {
    return pipeline == null
        ? installation.root().resolve("pipelines").resolve("transactions")
        : pipeline.toAbsolutePath().normalize();
  }

  double rate() {
    return rate;
  }

  long seed() {
    return seed;
  }

  Optional<Duration> duration() {
    return Optional.ofNullable(duration);
  }

  List<Path> jars(Installation installation) {
    return deployment.jars(installation);
  }

  boolean keep() {
    return keep;
  }

  Optional<String> bootstrapServers() {
    return Optional.ofNullable(bootstrapServers);
  }

  Optional<String> flink() {
    return Optional.ofNullable(flink);
  }

  /** The warehouse's URI; a path is on the local file system. */
  String warehouse(Path directory) {
    if (warehouse == null) {
      return directory.resolve("lake").toUri().toString();
    }
    return warehouse.matches("[a-z][a-z0-9+.-]+://?.*")
        ? URI.create(warehouse).toString()
        : Path.of(warehouse).toAbsolutePath().normalize().toUri().toString();
  }
}
