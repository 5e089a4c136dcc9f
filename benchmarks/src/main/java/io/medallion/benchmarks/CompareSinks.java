package io.medallion.benchmarks;

import io.medallion.benchmarks.RunJob.Ran;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.DemoDirectory;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.PipelineJobs;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Our sink beside that of hudi-flink 0.14, in the same jobs, on the same events, in one run. */
@Command(
    name = "compare-sinks",
    mixinStandardHelpOptions = true,
    description =
        "Preloads Kafka and lets ingest-bronze (append) and then refine-silver (keyed upsert with a changelog) run through it, in turns with our sink and with the one of hudi-flink 0.14 in its place. Everything else is the same: jobs, cluster, events, table settings.",
    footerHeading = "%nExample:%n",
    footer = "  benchmarks/compare-sinks --events 6000000 --rounds 3")
public final class CompareSinks implements Callable<Integer> {
  private static final List<String> SINKS = List.of("medallion", "hudi-flink");
  private static final int PARTITIONS = 2;
  private static final Duration QUIET = Duration.ofSeconds(60);
  private static final Duration LONGEST_RUN = Duration.ofMinutes(20);

  @Spec private CommandSpec spec;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "6000000",
      description = "Events in Kafka, the same in all rounds. Default: ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs of each sink. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Between two checkpoints. Default: ${DEFAULT-VALUE}.")
  private int interval;

  @Option(names = "--append-only", description = "Leaves the keyed upsert out.")
  private boolean appendOnly;

  private final Map<String, List<Measured>> results = new HashMap<>();
  private PrintWriter out;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CompareSinks()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    Installation installation = Installation.current();
    Path folder = installation.root().resolve("pipelines").resolve("transactions");
    try (DemoDirectory directory = DemoDirectory.create(false);
        KafkaBroker kafka =
            KafkaBroker.start(installation, directory.path().resolve("kafka"), List.of())) {
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
      PipelineDefinition pipeline = PipelineFolder.load(folder.toUri().toString(), environment);
      preload(pipeline, folder, kafka);
      say(
          "%-8s %-12s %5s %12s %14s %8s",
          "case", "sink", "round", "rows/s", "CPU s/million", "rows");
      for (int round = 1; round <= rounds; round++) {
        // Who comes second finds the file system's cache warm: in turns.
        List<String> order = round % 2 == 1 ? SINKS : List.of(SINKS.get(1), SINKS.get(0));
        for (String sink : order) {
          Path run = directory.path().resolve(sink + "-" + round);
          new Run(installation, pipeline, folder, kafka, run, sink, round).measure();
        }
      }
      summarize();
    }
    return 0;
  }

  private void preload(PipelineDefinition pipeline, Path folder, KafkaBroker kafka) {
    Map<String, String> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    String topic = pipeline.source().topics().get(0);
    long start = System.nanoTime();
    try (KafkaTopics topics = new KafkaTopics(client);
        SendEvents send =
            new SendEvents(
                client,
                topic,
                ProduceCommand.source(SampleFile.read(folder), 1),
                SendEvents.UNLIMITED,
                events)) {
      topics.createIfMissing(topic, PARTITIONS);
      send.run();
      say(
          "%,d events in Kafka after %d s; %d partitions, a checkpoint every %d s",
          send.sent(),
          Duration.ofNanos(System.nanoTime() - start).toSeconds(),
          PARTITIONS,
          interval);
    }
  }

  private void summarize() {
    say("");
    for (String name : List.of("append", "upsert")) {
      List<Double> ours = rates(name, SINKS.get(0));
      List<Double> stock = rates(name, SINKS.get(1));
      if (!ours.isEmpty() && !stock.isEmpty()) {
        say(
            "%-8s median %,.0f (%,.0f to %,.0f) against %,.0f (%,.0f to %,.0f) rows/s: %.2f of hudi-flink's; CPU %.1f against %.1f s/million",
            name,
            Median.of(ours),
            ours.get(0),
            ours.get(ours.size() - 1),
            Median.of(stock),
            stock.get(0),
            stock.get(stock.size() - 1),
            Median.of(ours) / Median.of(stock),
            Median.of(cpu(name, SINKS.get(0))),
            Median.of(cpu(name, SINKS.get(1))));
      }
    }
  }

  private Stream<Measured> measured(String name, String sink) {
    return results.getOrDefault(name, List.of()).stream().filter(run -> run.sink.equals(sink));
  }

  private List<Double> rates(String name, String sink) {
    return measured(name, sink).map(Measured::perSecond).sorted().toList();
  }

  private List<Double> cpu(String name, String sink) {
    return measured(name, sink).map(Measured::cpuSecondsPerMillion).sorted().toList();
  }

  private void say(String format, Object... arguments) {
    out.printf(format + "%n", arguments);
    out.flush();
  }

  /**
   * One job over all events.
   *
   * @param perSecond rows committed per second, from the moment that all tasks run to the last
   *     commit
   * @param cpuSecondsPerMillion of the TaskManager and the JobManager, from the submission on
   */
  private record Measured(String sink, double perSecond, double cpuSecondsPerMillion) {}

  /** One sink, one round: a lake and a cluster of its own. */
  private final class Run {
    private final Installation installation;
    private final PipelineDefinition pipeline;
    private final Path folder;
    private final KafkaBroker kafka;
    private final Path directory;
    private final String sink;
    private final int round;
    private final String warehouse;

    Run(
        Installation installation,
        PipelineDefinition pipeline,
        Path folder,
        KafkaBroker kafka,
        Path directory,
        String sink,
        int round) {
      this.installation = installation;
      this.pipeline = pipeline;
      this.folder = folder;
      this.kafka = kafka;
      this.directory = directory;
      this.sink = sink;
      this.round = round;
      this.warehouse = directory.resolve("lake").toUri().toString();
    }

    void measure() {
      job("append", "ingest-bronze", Tables.bronze(pipeline), rows -> rows >= events);
      if (!appendOnly) {
        job("upsert", "refine-silver", Tables.silver(pipeline), rows -> false);
      }
    }

    private void job(
        String name, String job, TableDefinition table, java.util.function.LongPredicate done) {
      Map<String, String> settings =
          Map.of(
              "medallion.sink",
              sink,
              "execution.checkpointing.interval",
              interval + "s",
              "execution.checkpointing.min-pause",
              "0s");
      forgetOffsets();
      Ran<CommitRates> ran =
          new RunJob(
                  installation,
                  folder,
                  Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()),
                  settings)
              .run(job, warehouse, directory.resolve(name), jobs -> awaitDone(jobs, table, done));
      CommitRates commits = ran.result();
      Measured measured =
          new Measured(
              sink, commits.perSecond(ran.startMs()), ran.cpuSeconds() * 1e6 / commits.rows());
      results.computeIfAbsent(name, first -> new ArrayList<>()).add(measured);
      say(
          "%-8s %-12s %5d %,12.0f %14.1f %,d",
          name, sink, round, measured.perSecond, measured.cpuSecondsPerMillion, commits.rows());
    }

    /** Hudi's sink has no position of its own: where there is no state, the group's is taken. */
    private void forgetOffsets() {
      String group = "medallion-" + pipeline.name();
      try (AdminClient admin =
          AdminClient.create(
              Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin.deleteConsumerGroups(List.of(group)).all().get();
      } catch (ExecutionException failure) {
        if (!(failure.getCause() instanceof GroupIdNotFoundException)) {
          throw new CommandFailedException("Could not delete consumer group " + group, failure);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailedException("Interrupted.", e);
      }
    }

    /** Until all rows are there, or no more have come for a while. */
    private CommitRates awaitDone(
        PipelineJobs jobs, TableDefinition table, java.util.function.LongPredicate done) {
      long start = System.nanoTime();
      long moved = start;
      long rows = 0;
      while (System.nanoTime() - start < LONGEST_RUN.toNanos()) {
        CommitRates now = CommitRates.of(table.path(warehouse));
        if (now.rows() != rows) {
          rows = now.rows();
          moved = System.nanoTime();
        }
        boolean quiet = rows > 0 && System.nanoTime() - moved > QUIET.toNanos();
        if (done.test(rows) || quiet) {
          return now;
        }
        jobs.requireNoneEnded();
        RunJob.pause();
      }
      throw new CommandFailedException(
          "%s was not done after %d min. %s"
              .formatted(table.qualifiedName(), LONGEST_RUN.toMinutes(), jobs.failures()));
    }
  }
}
