package io.medallion.benchmarks;

import io.medallion.benchmarks.RunSteadily.Running;
import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.LaunchedProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What it costs to count and to look: the share of the CPU time that goes into it. */
@Command(
    name = "measure-counting",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Sends events at a fixed rate through three jobs at the default settings, records the TaskManager with JDK Flight Recorder, looks at all tables every two seconds as medallion status --watch does, and prints which share of the CPU time went into counting, into the endpoint that Prometheus asks, and into looking.",
    footerHeading = "%nExamples:%n",
    footer = {"  benchmarks/measure-counting --rate 10000 --seconds 60"})
public final class MeasureCounting implements Callable<Integer> {
  /** What the counts of commits and the gauges pass through, row by row. */
  private static final List<String> COUNTING =
      List.of(
          "io.medallion.io.ProgressReporter",
          "io.medallion.io.Progress",
          "io.medallion.io.JobMetrics",
          "io.medallion.io.LastCommit",
          "io.medallion.silver.CountOutcomes",
          "io.medallion.silver.CountNulls");

  private static final List<String> ENDPOINT =
      List.of("org.apache.flink.metrics.prometheus.", "io.prometheus.client.");

  /** As often as {@code medallion status --watch} looks. */
  private static final int LOOK_EVERY = 2;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Events per second. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "How long to measure, from a minute after gold is there. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.exit(new CommandLine(new MeasureCounting()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Installation installation = Installation.current();
    Duration measure = Duration.ofSeconds(seconds);
    Measured measured =
        new RunSteadily(
                installation,
                installation.jobJars(),
                // Without it, a sample belongs to the next safepoint rather than to where it is.
                Map.of(
                    "env.java.opts.taskmanager",
                    "-XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints"),
                rate,
                Duration.ZERO)
            .run(measure, running -> measure(running, measure));
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%,d events in %d s; Flink took %.0f s of CPU; %,d samples of the TaskManager%n",
        measured.events,
        seconds,
        measured.flinkSeconds,
        measured.samples);
    out.printf(
        Locale.ROOT,
        "counting in the operators   %5.2f %% of the samples%n",
        100.0 * measured.counting / measured.samples);
    out.printf(
        Locale.ROOT,
        "the endpoint of Prometheus  %5.2f %% of the samples%n",
        100.0 * measured.endpoint / measured.samples);
    out.printf(
        Locale.ROOT,
        "a look every %d s            %5.2f %% of two cores, %.3f s of CPU each%n",
        LOOK_EVERY,
        100.0 * measured.lookSeconds / seconds / 2,
        measured.lookSeconds / measured.looks);
    out.flush();
    return 0;
  }

  private static Measured measure(Running running, Duration measure) {
    LaunchedProcess taskManager = running.flink().taskManagers().get(0);
    jcmd(taskManager, "JFR.start", "name=counting", "settings=profile");
    double cpuBefore = RunJob.cpuSeconds(running.flink());
    long sentBefore = running.send().sent();
    long lookedBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Instant end = Instant.now().plus(measure);
    int looks = 0;
    while (Instant.now().isBefore(end)) {
      for (int second = 0; second < LOOK_EVERY; second++) {
        RunJob.pause();
      }
      running.status().look();
      looks++;
    }
    long events = running.send().sent() - sentBefore;
    double looked =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - lookedBefore) / 1e9;
    double flink = RunJob.cpuSeconds(running.flink()) - cpuBefore;
    try {
      Path recording = Files.createTempFile("taskmanager", ".jfr");
      try {
        jcmd(taskManager, "JFR.stop", "name=counting", "filename=" + recording);
        return read(recording, events, flink, looks, looked);
      } finally {
        Files.delete(recording);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Measured read(
      Path recording, long events, double flinkSeconds, int looks, double lookSeconds)
      throws IOException {
    long samples = 0;
    long counting = 0;
    long endpoint = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (!event.getEventType().getName().equals("jdk.ExecutionSample")
            || event.getStackTrace() == null) {
          continue;
        }
        samples++;
        if (passes(event, COUNTING)) {
          counting++;
        } else if (passes(event, ENDPOINT)) {
          endpoint++;
        }
      }
    }
    return new Measured(events, flinkSeconds, samples, counting, endpoint, looks, lookSeconds);
  }

  /** Whether a sample stands in one of these classes, or in what they call. */
  private static boolean passes(RecordedEvent sample, List<String> classes) {
    for (RecordedFrame frame : sample.getStackTrace().getFrames()) {
      String name = frame.getMethod().getType().getName();
      for (String each : classes) {
        if (each.endsWith(".") ? name.startsWith(each) : isIn(name, each)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isIn(String name, String type) {
    return name.equals(type) || name.startsWith(type + "$");
  }

  private static void jcmd(LaunchedProcess process, String... command) {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      List<String> arguments = new ArrayList<>(List.of(program.toString(), "" + process.pid()));
      arguments.addAll(List.of(command));
      Process ran = new ProcessBuilder(arguments).redirectErrorStream(true).start();
      String said = new String(ran.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (ran.waitFor() != 0) {
        throw new CommandFailedException("%s: %s".formatted(arguments, said));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  /**
   * One run.
   *
   * @param flinkSeconds CPU of the TaskManager and the JobManager
   * @param samples of threads of the TaskManager that ran Java, of which {@code counting} and
   *     {@code endpoint}
   * @param lookSeconds CPU of all looks
   */
  private record Measured(
      long events,
      double flinkSeconds,
      long samples,
      long counting,
      long endpoint,
      int looks,
      double lookSeconds) {}
}
