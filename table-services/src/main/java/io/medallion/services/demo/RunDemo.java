package io.medallion.services.demo;

import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.CommandFailedException;
import io.medallion.services.Terminal;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleDefinition;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.services.verify.GoldCheck;
import io.medallion.services.verify.VerifyGold;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One demo, from the first process to the last.
 *
 * <pre>
 * start Kafka, start Flink → submit the jobs → send and watch → drain → verify → stop
 * </pre>
 */
final class RunDemo {
  private static final int PARTITIONS = 2;
  private static final int GOLD_ROWS = 5;
  private static final int SECONDS_BETWEEN_LINES = 5;

  private final DemoOptions options;
  private final Installation installation;
  private final PrintWriter out;
  private final List<Duration> goldFreshness = new ArrayList<>();

  RunDemo(DemoOptions options, Installation installation, PrintWriter out) {
    this.options = options;
    this.installation = installation;
    this.out = out;
  }

  /** Returns the exit code. */
  int run() {
    Path folder = options.pipeline(installation);
    SampleDefinition sample = SampleFile.read(folder);
    DemoDirectory directory = DemoDirectory.create(options.keep());
    String warehouse = options.warehouse(directory.path());
    if (options.keep()) {
      say("Tables, checkpoints and logs: %s", directory.path());
    }

    String bootstrapServers = options.bootstrapServers().orElseGet(() -> startKafka(directory));
    PipelineDefinition pipeline = load(folder, bootstrapServers);
    Map<String, String> client = new HashMap<>(pipeline.source().kafka());
    client.put("bootstrap.servers", bootstrapServers);
    List<String> topics = pipeline.source().topics();
    try (KafkaTopics kafka = new KafkaTopics(client)) {
      topics.forEach(topic -> kafka.createIfMissing(topic, PARTITIONS));

      Flink flink =
          options
              .flink()
              .map(address -> externalFlink(address, directory))
              .orElseGet(() -> startFlink(directory));
      PipelineJobs jobs = submit(flink, directory, folder, warehouse, bootstrapServers);

      WatchLayers layers = new WatchLayers(pipeline, warehouse);
      LayerState silver;
      try (SendEvents send =
          new SendEvents(
              client,
              topics.get(0),
              ProduceCommand.source(sample, options.seed()),
              options.rate(),
              Long.MAX_VALUE)) {
        Show show = new Show(pipeline.name(), flink, jobs, send, layers);
        sendAndWatch(show, send);
        silver = drain(show, kafka, topics);
      }
      return report(silver, new VerifyGold(pipeline, warehouse).asCommitted(news -> {}));
    }
  }

  private String startKafka(DemoDirectory directory) {
    long start = System.nanoTime();
    KafkaBroker broker =
        KafkaBroker.start(
            installation, directory.path().resolve("kafka"), LaunchedProcess.SHORT_LIVED);
    say("Kafka started at %s in %.1f s.", broker.bootstrapServers(), seconds(start));
    return broker.bootstrapServers();
  }

  private Flink startFlink(DemoDirectory directory) {
    long start = System.nanoTime();
    FlinkCluster cluster =
        FlinkCluster.start(installation, directory.path().resolve("flink"), Map.of());
    say("Flink started in %.1f s. Web UI: %s", seconds(start), cluster.rest().url());
    return new Flink(cluster.address(), cluster.rest(), cluster.settings(), cluster::requireAlive);
  }

  private Flink externalFlink(String address, DemoDirectory directory) {
    FlinkRest rest = new FlinkRest(address);
    rest.requireSlots();
    String checkpoints =
        rest.checkpointFolder().orElse(directory.path().resolve("checkpoints").toUri().toString());
    return new Flink(address, rest, Map.of("execution.checkpointing.dir", checkpoints), () -> {});
  }

  private static PipelineDefinition load(Path folder, String bootstrapServers) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
    return PipelineFolder.load(folder.toUri().toString(), environment);
  }

  private PipelineJobs submit(
      Flink flink,
      DemoDirectory directory,
      Path folder,
      String warehouse,
      String bootstrapServers) {
    FlinkCli cli =
        new FlinkCli(
            installation,
            flink.address,
            flink.settings,
            Map.of("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers),
            directory.path());
    PipelineJobs jobs =
        new PipelineJobs(cli, flink.rest, options.jars(installation), folder, warehouse);
    if (options.flink().isPresent()) {
      StopAtExit.add(() -> jobs.ids().values().forEach(flink.rest::cancel));
    }
    for (String job : jobs.names()) {
      long start = System.nanoTime();
      jobs.submit(job, List.of());
      say("Job %s submitted in %.1f s.", job, seconds(start));
    }
    jobs.awaitRunning(flink.requireAlive);
    return jobs;
  }

  /** Sends until the time is over or the source ends, and shows the layers. */
  private void sendAndWatch(Show show, SendEvents send) {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> sending = executor.submit(send);
      while (!isDone(sending)) {
        sampleFreshness(show.once());
        if (options
            .duration()
            .filter(duration -> show.elapsed().compareTo(duration) >= 0)
            .isPresent()) {
          send.stop();
        }
      }
      // Without --for, a recorded sample that has come to its end is watched on.
      while (options.duration().isEmpty()) {
        sleep(Duration.ofSeconds(1));
        show.once();
      }
    } finally {
      send.stop();
      executor.shutdown();
    }
  }

  /** While events come: afterwards everything only gets older. */
  private void sampleFreshness(DemoState state) {
    state.goldFreshness().ifPresent(goldFreshness::add);
  }

  /** Waits until gold holds everything that is in Kafka; returns silver as it is then. */
  private LayerState drain(Show show, KafkaTopics kafka, List<String> topics) {
    Map<String, Long> endOffsets = kafka.endOffsets(topics);
    say("Sent %,d events; waiting until gold holds them.", show.send.sent());
    AtomicReference<DemoState> last = new AtomicReference<>();
    Duration took =
        AwaitDrained.of(
            () -> {
              last.set(show.once());
              return last.get().underWay(endOffsets);
            },
            show.jobs::failures);
    say("Everything is in gold after %.1f s.", took.toMillis() / 1e3);
    return last.get().silver();
  }

  private int report(LayerState silver, List<GoldCheck> checks) {
    for (GoldCheck check : checks) {
      say(
          "%s gold.%s: %,d rows recomputed from silver, %,d differ",
          check.equal() ? "ok  " : "FAIL", check.table(), check.rows(), check.differing());
      check.examples().forEach(example -> say("     %s", example));
    }
    say(
        "     silver: %,d rows, %,d applied, %,d deleted, %,d superseded, %,d duplicates, %,d quarantined, %,d pending",
        silver.rows(),
        silver.progress().counter(Progress.APPLIED),
        silver.progress().counter(Progress.DELETED),
        silver.progress().counter(Progress.SUPERSEDED),
        silver.progress().counter(Progress.DUPLICATE),
        silver.progress().counter(Progress.QUARANTINED),
        silver.progress().counter(Progress.PENDING));
    say(
        "     gold freshness, median of %d seconds: %s",
        goldFreshness.size(), RenderView.freshness(median(goldFreshness)));
    return !checks.isEmpty() && checks.stream().allMatch(GoldCheck::equal) ? 0 : 1;
  }

  private static Optional<Duration> median(List<Duration> durations) {
    return durations.isEmpty()
        ? Optional.empty()
        : Optional.of(durations.stream().sorted().toList().get(durations.size() / 2));
  }

  private void say(String format, Object... arguments) {
    out.printf(format + "%n", arguments);
    out.flush();
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /** Waits a second for the end; fails with what the sending failed with. */
  private static boolean isDone(Future<?> sending) {
    try {
      sending.get(1, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException stillSending) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailedException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  private static void sleep(Duration duration) {
    try {
      TimeUnit.MILLISECONDS.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  /** The cluster in use: ours or the user's. */
  private record Flink(
      String address, FlinkRest rest, Map<String, String> settings, Runnable requireAlive) {}

  /** Looks at everything once a second and shows it. */
  private final class Show {
    private final boolean terminal = Terminal.attached() && options.duration().isEmpty();
    private final long start = System.nanoTime();
    private final String pipeline;
    private final Flink flink;
    private final PipelineJobs jobs;
    private final SendEvents send;
    private final WatchLayers layers;
    private long sentBefore;
    private long lookedBefore = start;
    private Duration lastLine = Duration.ofSeconds(-SECONDS_BETWEEN_LINES);

    Show(String pipeline, Flink flink, PipelineJobs jobs, SendEvents send, WatchLayers layers) {
      this.pipeline = pipeline;
      this.flink = flink;
      this.jobs = jobs;
      this.send = send;
      this.layers = layers;
    }

    Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - start);
    }

    DemoState once() {
      flink.requireAlive.run();
      jobs.requireNoneEnded();
      DemoState state = look();
      if (terminal) {
        out.print(Terminal.CLEAR_SCREEN + RenderView.screen(state));
        out.flush();
      } else if (state.elapsed().minus(lastLine).toSeconds() >= SECONDS_BETWEEN_LINES) {
        lastLine = state.elapsed();
        say("%s", RenderView.line(state));
      }
      return state;
    }

    /** What a user should know although the demo goes on. */
    private List<String> notices() {
      List<String> notices = new ArrayList<>();
      jobs.ids()
          .forEach(
              (job, id) ->
                  flink
                      .rest
                      .jobState(id)
                      .filter(state -> !state.equals("RUNNING"))
                      .ifPresent(
                          state ->
                              notices.add(
                                  "job %s is %s%s"
                                      .formatted(
                                          job,
                                          state,
                                          flink
                                              .rest
                                              .failure(id)
                                              .map(
                                                  failure ->
                                                      ": "
                                                          + failure
                                                              .lines()
                                                              .findFirst()
                                                              .orElse("")
                                                              .strip())
                                              .orElse("")))));
      return notices;
    }

    private DemoState look() {
      // The tables first: what they hold was sent before.
      List<LayerState> states = layers.states();
      long now = System.nanoTime();
      long sent = send.sent();
      long perSecond = (long) ((sent - sentBefore) * 1e9 / Math.max(1, now - lookedBefore));
      sentBefore = sent;
      lookedBefore = now;
      return new DemoState(
          pipeline,
          flink.rest.url(),
          Instant.now(),
          elapsed(),
          sent,
          perSecond,
          notices(),
          states,
          terminal ? layers.topGold(GOLD_ROWS) : List.of());
    }
  }
}
