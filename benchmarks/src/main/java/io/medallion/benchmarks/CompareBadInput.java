package io.medallion.benchmarks;

import io.medallion.benchmarks.RunJob.Ran;
import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.DemoDirectory;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.PipelineJobs;
import io.medallion.services.sample.GeneratedSample;
import io.medallion.services.sample.GeneratedSample.Invalid;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a tenth of bad events costs the good ones in refine-silver, quarantine included. */
@Command(
    name = "compare-bad-input",
    mixinStandardHelpOptions = true,
    description =
        "Fills two bronze tables, one with events of which every tenth is bad (damaged bytes, wrong types, broken rules, no key), and lets refine-silver run through them in turns, writing silver and quarantine. Counts the good events.",
    footerHeading = "%nExample:%n",
    footer = "  benchmarks/compare-bad-input --events 1500000 --rounds 3")
public final class CompareBadInput implements Callable<Integer> {
  private static final double INVALID_SHARE = 0.08;
  private static final double CORRUPT_SHARE = 0.02;
  private static final int PARTITIONS = 2;
  private static final Duration LONGEST_RUN = Duration.ofMinutes(20);

  @Spec private CommandSpec spec;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "1500000",
      description = "Events in each bronze table. Default: ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs through each bronze table. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Between two checkpoints. Default: ${DEFAULT-VALUE}.")
  private int interval;

  private final Map<Input, List<Measured>> results = new EnumMap<>(Input.class);
  private PrintWriter out;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CompareBadInput()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    try (DemoDirectory directory = DemoDirectory.create(false)) {
      Runs runs = new Runs(Installation.current(), directory.path());
      for (Input input : Input.values()) {
        runs.fillBronze(input);
      }
      say(
          "%-6s %5s %13s %19s %12s",
          "input", "round", "good events/s", "CPU s/million good", "quarantined");
      for (int round = 1; round <= rounds; round++) {
        // Who comes second finds the file system's cache warm: in turns.
        List<Input> inTurns =
            round % 2 == 1 ? List.of(Input.CLEAN, Input.BAD) : List.of(Input.BAD, Input.CLEAN);
        for (Input input : inTurns) {
          Measured measured = runs.refineSilver(input, round);
          results.computeIfAbsent(input, first -> new ArrayList<>()).add(measured);
          say(
              "%-6s %5d %,13.0f %19.1f %,12d",
              input.text,
              round,
              measured.goodPerSecond,
              measured.cpuSecondsPerMillionGood,
              measured.quarantined);
        }
      }
    }
    summarize();
    return 0;
  }

  private void summarize() {
    List<Double> clean = sorted(Input.CLEAN, Measured::goodPerSecond);
    List<Double> bad = sorted(Input.BAD, Measured::goodPerSecond);
    say("");
    say(
        "median %,.0f (%,.0f to %,.0f) good events/s beside bad ones against %,.0f (%,.0f to %,.0f) of the clean stream: %.2f; CPU %.1f against %.1f s/million good",
        Median.of(bad),
        bad.get(0),
        bad.get(bad.size() - 1),
        Median.of(clean),
        clean.get(0),
        clean.get(clean.size() - 1),
        Median.of(bad) / Median.of(clean),
        Median.of(sorted(Input.BAD, Measured::cpuSecondsPerMillionGood)),
        Median.of(sorted(Input.CLEAN, Measured::cpuSecondsPerMillionGood)));
  }

  private List<Double> sorted(Input input, ToDoubleFunction<Measured> figure) {
    return results.get(input).stream().mapToDouble(figure).sorted().boxed().toList();
  }

  private void say(String format, Object... arguments) {
    out.printf(format + "%n", arguments);
    out.flush();
  }

  /** What bronze is filled with. */
  private enum Input {
    CLEAN("clean", 0, 0),
    BAD("10% bad", INVALID_SHARE, CORRUPT_SHARE);

    private final String text;
    private final double invalid;
    private final double corrupt;

    Input(String text, double invalid, double corrupt) {
      this.text = text;
      this.invalid = invalid;
      this.corrupt = corrupt;
    }

    GeneratedSample of(GeneratedSample sample) {
      return new GeneratedSample(
          sample.key(),
          sample.fields(),
          sample.duplicates(),
          sample.outOfOrder(),
          sample.corrections(),
          sample.reversals(),
          new Invalid(invalid, sample.invalid().variants()),
          corrupt);
    }
  }

  /**
   * One run over all events.
   *
   * @param goodPerSecond events per second that are not in quarantine, from the moment that all
   *     tasks run to the last commit
   * @param cpuSecondsPerMillionGood of the TaskManager and the JobManager, from the submission on
   */
  private record Measured(
      double goodPerSecond, double cpuSecondsPerMillionGood, long quarantined) {}

  /** A lake for each input. */
  private final class Runs {
    private final Installation installation;
    private final Path directory;
    private final Path folder;
    private final Map<String, String> settings;

    Runs(Installation installation, Path directory) {
      this.installation = installation;
      this.directory = directory;
      this.folder = installation.root().resolve("pipelines").resolve("transactions");
      this.settings =
          Map.of(
              "execution.checkpointing.interval",
              interval + "s",
              "execution.checkpointing.min-pause",
              "0s");
    }

    void fillBronze(Input input) throws Exception {
      Path place = place(input);
      try (KafkaBroker kafka = KafkaBroker.start(installation, place.resolve("kafka"), List.of())) {
        PipelineDefinition pipeline = pipeline(kafka.bootstrapServers());
        Map<String, String> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
        String topic = pipeline.source().topics().get(0);
        try (KafkaTopics topics = new KafkaTopics(client);
            SendEvents send =
                new SendEvents(
                    client,
                    topic,
                    ProduceCommand.source(input.of((GeneratedSample) SampleFile.read(folder)), 1),
                    SendEvents.UNLIMITED,
                    events)) {
          topics.createIfMissing(topic, PARTITIONS);
          send.run();
          TableDefinition bronze = Tables.bronze(pipeline);
          new RunJob(installation, folder, environment(kafka.bootstrapServers()), settings)
              .run(
                  "ingest-bronze",
                  warehouse(input),
                  place.resolve("bronze"),
                  jobs -> awaitCount(jobs, input, bronze, Progress.ROWS, send.sent()));
          say("%,d events in bronze, %s", send.sent(), input.text);
        }
      }
    }

    Measured refineSilver(Input input, int round) throws IOException {
      PipelineDefinition pipeline = pipeline("none:1");
      TableDefinition silver = Tables.silver(pipeline);
      long inBronze = latest(input, Tables.bronze(pipeline)).progress().counter(Progress.ROWS);
      delete(lake(input).resolve("silver"));
      Ran<Commit> ran =
          new RunJob(installation, folder, environment("none:1"), settings)
              .run(
                  "refine-silver",
                  warehouse(input),
                  place(input).resolve("silver-" + round),
                  jobs -> awaitCount(jobs, input, silver, Progress.INPUT, inBronze));
      Progress progress = ran.result().progress();
      long quarantined = progress.counter(Progress.QUARANTINED);
      long good = inBronze - quarantined;
      return new Measured(
          good * 1e3 / (ran.result().completedAt().toEpochMilli() - ran.startMs()),
          ran.cpuSeconds() * 1e6 / good,
          quarantined);
    }

    /** Until the commits of a table count so many. */
    private Commit awaitCount(
        PipelineJobs jobs, Input input, TableDefinition table, String counter, long expected) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < LONGEST_RUN.toNanos()) {
        Optional<Commit> commit = CommitLog.latest(warehouse(input), table);
        if (commit.isPresent() && commit.get().progress().counter(counter) == expected) {
          return commit.get();
        }
        jobs.requireNoneEnded();
        RunJob.pause();
      }
      throw new CommandFailedException(
          "%s was not done after %d min. %s"
              .formatted(table.qualifiedName(), LONGEST_RUN.toMinutes(), jobs.failures()));
    }

    private Commit latest(Input input, TableDefinition table) {
      return CommitLog.latest(warehouse(input), table).orElseThrow();
    }

    private PipelineDefinition pipeline(String bootstrapServers) {
      return PipelineFolder.load(folder.toUri().toString(), environment(bootstrapServers));
    }

    private static Map<String, String> environment(String bootstrapServers) {
      return Map.of("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
    }

    private Path place(Input input) {
      return directory.resolve(input.name().toLowerCase(Locale.ROOT));
    }

    private Path lake(Input input) {
      return place(input).resolve("lake");
    }

    private String warehouse(Input input) {
      return lake(input).toUri().toString();
    }

    private static void delete(Path folder) throws IOException {
      if (Files.exists(folder)) {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
          files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
          Files.delete(file);
        }
      }
    }
  }
}
