package io.medallion.services.chaos;

import io.medallion.services.demo.Deployment;
import io.medallion.services.demo.Installation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code medallion chaos}. */
final class ChaosOptions {
  @Option(
      names = "--faults",
      paramLabel = "N",
      defaultValue = "30",
      description = "How many faults to inject. Default: ${DEFAULT-VALUE}.")
  private int faults;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "42",
      description =
          "The same seed, number and kinds give the same schedule, and the same events. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "Injects no more after so many minutes. Default: until all were injected.")
  private Integer minutes;

  @Option(
      names = "--kinds",
      split = ",",
      paramLabel = "KIND",
      converter = KindConverter.class,
      description =
          "Only these kinds, one that is named twice twice as often; --list names them. Default: all.")
  private List<FaultKind> kinds;

  @Option(names = "--list", description = "Lists the kinds of faults and ends.")
  private boolean list;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Events per second. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--sink",
      paramLabel = "SINK",
      defaultValue = "medallion",
      converter = SinkConverter.class,
      description =
          "Who writes the tables: medallion, or hudi-flink for the sink of Hudi 0.14 as it comes, to compare. Default: ${DEFAULT-VALUE}.")
  private Sink sink;

  @Mixin private Deployment deployment;

  @Option(
      names = "--pipeline",
      paramLabel = "DIR",
      description = "The pipeline folder to run. Default: the shipped pipelines/transactions.")
  private Path pipeline;

  @Option(
      names = "--json",
      description = "Prints the result as JSON, and what happens on standard error.")
  private boolean json;

  @Option(
      names = "--keep",
      description = "Keeps the tables, checkpoints and logs and says where they are.")
  private boolean keep;

  int faults() {
    return faults;
  }

  long seed() {
    return seed;
  }

  Optional<Duration> limit() {
    return Optional.ofNullable(minutes).map(Duration::ofMinutes);
  }

  List<FaultKind> kinds() {
    return kinds == null ? Arrays.asList(FaultKind.values()) : List.copyOf(kinds);
  }

  boolean list() {
    return list;
  }

  double rate() {
    return rate;
  }

  Sink sink() {
    return sink;
  }

  boolean fused() {
    return deployment.fused();
  }

  List<Path> jars(Installation installation) {
    return deployment.jars(installation);
  }

  boolean json() {
    return json;
  }

  boolean keep() {
    return keep;
  }

  Path pipeline(Installation installation) {
    return pipeline == null
        ? installation.root().resolve("pipelines").resolve("transactions")
        : pipeline.toAbsolutePath().normalize();
  }

  /** Sinks by their labels. */
  static final class SinkConverter implements picocli.CommandLine.ITypeConverter<Sink> {
    @Override
    public Sink convert(String label) {
      return Arrays.stream(Sink.values())
          .filter(sink -> sink.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new picocli.CommandLine.TypeConversionException(
                      "'%s' is no sink: expected medallion or hudi-flink.".formatted(label)));
    }
  }

  /** Kinds by their labels. */
  static final class KindConverter implements picocli.CommandLine.ITypeConverter<FaultKind> {
    @Override
    public FaultKind convert(String label) {
      return FaultKind.labelled(label)
          .orElseThrow(
              () ->
                  new picocli.CommandLine.TypeConversionException(
                      "'%s' is no kind of fault: expected one of %s."
                          .formatted(label, String.join(", ", FaultKind.labels()))));
    }
  }
}
