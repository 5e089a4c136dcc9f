package io.medallion.benchmarks;

import io.medallion.benchmarks.RunSteadily.Running;
import io.medallion.io.TableFiles;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.demo.Installation;
import io.medallion.services.status.LayerStatus;
import io.medallion.services.status.PipelineStatus;
import io.medallion.services.status.ReadStatus;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What fresher tables cost: the same load with a checkpoint, and so a commit, more or less often.
 */
@Command(
    name = "compare-intervals",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Sends events at a fixed rate through a pipeline and measures, for each checkpoint interval and deployment, how fresh each layer is as a reader sees it, and what that costs: commits, files, CPU. A broker, a cluster and a lake of its own for each run. Prints a table, and a plot as Mermaid.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  benchmarks/compare-intervals",
      "  benchmarks/compare-intervals --intervals 2,5 --deployments fused --seconds 60"
    })
public final class CompareIntervals implements Callable<Integer> {
  /** A run lasts so many intervals at least. */
  private static final int INTERVALS = 4;

  @Option(
      names = "--intervals",
      split = ",",
      paramLabel = "SECONDS",
      defaultValue = "1,2,5,10,30,60",
      description = "Between two checkpoints. Default: ${DEFAULT-VALUE}.")
  private List<Integer> intervals;

  @Option(
      names = "--deployments",
      split = ",",
      paramLabel = "DEPLOYMENT",
      defaultValue = "layered,fused",
      description = "layered: three jobs; fused: one. Default: ${DEFAULT-VALUE}.")
  private List<Deployed> deployments;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Events per second. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "How long to measure, four intervals at least, from a minute after gold is there, or two intervals. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Spec private CommandSpec spec;

  private PrintWriter out;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CompareIntervals()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    List<Measured> all = new ArrayList<>();
    say(
        "| deployment | interval s | bronze p50, p99 s | silver p50, p99 s | gold p50, p99 s | record to gold p50, p99 s | commits/min | files/min | CPU s per million events | cores to watch |");
    say("|---|---|---|---|---|---|---|---|---|---|");
    for (Deployed deployment : deployments) {
      for (int interval : intervals) {
        Measured measured = run(deployment, interval);
        all.add(measured);
        say("%s", measured.row());
      }
    }
    say("");
    say("%s", plot(all));
    return 0;
  }

  private Measured run(Deployed deployment, int interval) throws Exception {
    Installation installation = Installation.current();
    Duration measure = Duration.ofSeconds(Math.max(seconds, INTERVALS * interval));
    RunSteadily steadily =
        new RunSteadily(
            installation,
            deployment.jars(installation),
            Map.of(
                "execution.checkpointing.interval",
                interval + "s",
                "execution.checkpointing.min-pause",
                interval * 500 + "ms"),
            rate,
            Duration.ofSeconds(2L * interval));
    return steadily.run(measure, running -> measure(deployment, interval, measure, running));
  }

  private static Measured measure(
      Deployed deployment, int interval, Duration measure, Running running) {
    ReadStatus status = running.status();
    double cpuBefore = RunJob.cpuSeconds(running.flink());
    long sentBefore = running.send().sent();
    long filesBefore = files(running);
    long watchedBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Instant begin = Instant.now();
    Map<Layer, List<Double>> ages = new EnumMap<>(Layer.class);
    PipelineStatus last = null;
    while (last == null || Duration.between(begin, Instant.now()).compareTo(measure) < 0) {
      RunJob.pause();
      last = status.look();
      Map<Layer, Double> oldest = new EnumMap<>(Layer.class);
      for (LayerStatus layer : last.layers()) {
        layer
            .eventAge()
            .ifPresent(age -> oldest.merge(layer.table().layer(), age.toMillis() / 1e3, Math::max));
      }
      oldest.forEach(
          (layer, age) -> ages.computeIfAbsent(layer, first -> new ArrayList<>()).add(age));
    }
    double elapsed = Duration.between(begin, Instant.now()).toMillis() / 1e3;
    double watched =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - watchedBefore) / 1e9;
    double millions = (running.send().sent() - sentBefore) / 1e6;
    return new Measured(
        deployment,
        interval,
        ages.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> Quantiles.of(entry.getValue()))),
        new Quantiles(
            last.latency().quantile(0.5).orElseThrow().toMillis() / 1e3,
            last.latency().quantile(0.99).orElseThrow().toMillis() / 1e3),
        last.layers().stream().mapToDouble(LayerStatus::commitsPerMinute).sum(),
        (files(running) - filesBefore) * 60 / elapsed,
        (RunJob.cpuSeconds(running.flink()) - cpuBefore) / millions,
        watched / elapsed);
  }

  private static long files(Running running) {
    long files = 0;
    for (TableDefinition table : Tables.all(running.pipeline())) {
      TableFiles of = TableFiles.of(running.warehouse(), table);
      files += of.base() + of.log();
    }
    return files;
  }

  /** The median of gold, which is what most readers see. */
  private String plot(List<Measured> all) {
    StringBuilder plot = new StringBuilder("```mermaid\nxychart-beta\n");
    plot.append("    title \"gold freshness, p50 and p99 in s, by checkpoint interval\"\n");
    plot.append("    x-axis \"checkpoint interval in s\" [")
        .append(intervals.stream().map(String::valueOf).collect(Collectors.joining(", ")))
        .append("]\n    y-axis \"s\"\n");
    for (Deployed deployment : deployments) {
      for (boolean median : List.of(true, false)) {
        plot.append("    line [")
            .append(
                all.stream()
                    .filter(measured -> measured.deployment == deployment)
                    .map(measured -> measured.freshness.get(Layer.GOLD))
                    .map(
                        gold -> String.format(Locale.ROOT, "%.1f", median ? gold.median : gold.p99))
                    .collect(Collectors.joining(", ")))
            .append("]\n");
      }
    }
    return plot.append("```").toString();
  }

  private void say(String format, Object... arguments) {
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }

  /** As how many jobs. */
  private enum Deployed {
    layered,
    fused;

    List<Path> jars(Installation installation) {
      return this == fused ? List.of(installation.fusedJar()) : installation.jobJars();
    }
  }

  /** In seconds. */
  private record Quantiles(double median, double p99) {
    static Quantiles of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      return new Quantiles(
          Median.of(sorted), sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1));
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.1f, %.1f", median, p99);
    }
  }

  /**
   * One run.
   *
   * @param freshness of the least fresh table of each layer, looked at once a second
   * @param latency from a record's Kafka timestamp until gold shows it
   * @param commits of all tables but the quarantine, per minute
   * @param files more that readers open, per minute
   * @param cpuSeconds of the TaskManager and the JobManager, per million events
   * @param watching cores that looking at all tables once a second takes
   */
  private record Measured(
      Deployed deployment,
      int interval,
      Map<Layer, Quantiles> freshness,
      Quantiles latency,
      double commits,
      double files,
      double cpuSeconds,
      double watching) {
    String row() {
      return String.format(
          Locale.ROOT,
          "| %s | %d | %s | %s | %s | %s | %.0f | %.0f | %.0f | %.3f |",
          deployment,
          interval,
          freshness.get(Layer.BRONZE),
          freshness.get(Layer.SILVER),
          freshness.get(Layer.GOLD),
          latency,
          commits,
          files,
          cpuSeconds,
          watching);
    }
  }
}
