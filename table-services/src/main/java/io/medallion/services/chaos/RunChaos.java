package io.medallion.services.chaos;

import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.io.ledger.AuditReport;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.CommandFailedException;
import io.medallion.services.chaos.AwaitRecovery.Recovery;
import io.medallion.services.chaos.FaultResult.Outcome;
import io.medallion.services.demo.AwaitDrained;
import io.medallion.services.demo.DemoDirectory;
import io.medallion.services.demo.GoldCheck;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.LaunchedProcess;
import io.medallion.services.demo.RecomputeGold;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * One run, from the first process to the table.
 *
 * <pre>
 * start → send events, read bronze → (inject → wait until all layers went on)* → drain → audit → recompute gold
 * </pre>
 */
final class RunChaos {
  private static final int PARTITIONS = 2;
  private static final Duration RECOVERY = Duration.ofSeconds(90);
  private static final String LOOK_FOR_PARTITIONS_MS = "1000";
  private static final Duration SENDING_ENDS = Duration.ofMinutes(3);

  private final ChaosOptions options;
  private final Installation installation;
  private final PrintWriter out;
  private final long start = System.nanoTime();
  private final List<FaultResult> results = new ArrayList<>();
  private final FaultResult others =
      new FaultResult(new PlannedFault(0, FaultKind.KILL_TASKMANAGER, Duration.ZERO, 1, 0, 0));

  private Optional<String> notDrained = Optional.empty();

  /**
   * @param out for people, line by line as things happen
   */
  RunChaos(ChaosOptions options, Installation installation, PrintWriter out) {
    this.options = options;
    this.installation = installation;
    this.out = out;
  }

  ChaosReport run() {
    Map<FaultKind, String> unavailable = new TreeMap<>();
    List<FaultKind> kinds = new ArrayList<>();
    for (FaultKind kind : options.kinds()) {
      kind.unavailable().ifPresentOrElse(why -> unavailable.put(kind, why), () -> kinds.add(kind));
    }
    if (kinds.isEmpty()) {
      throw new CommandFailedException("None of the kinds is available here: " + unavailable);
    }
    FaultSchedule schedule = FaultSchedule.of(options.seed(), options.faults(), kinds);
    say("Seed %d, %d faults of %d kinds:", options.seed(), options.faults(), kinds.size());
    schedule.faults().forEach(planned -> say("%s", planned));

    DemoDirectory directory = DemoDirectory.create(options.keep());
    if (options.keep()) {
      say("Tables, checkpoints and logs: %s", directory.path());
    }
    KafkaBroker kafka =
        KafkaBroker.start(
            installation, directory.path().resolve("kafka"), LaunchedProcess.SHORT_LIVED);
    Path folder = options.pipeline(installation);
    PipelineDefinition pipeline = load(folder, kafka.bootstrapServers());
    Map<String, String> client = new HashMap<>(pipeline.source().kafka());
    client.put("bootstrap.servers", kafka.bootstrapServers());
    // A partition more gets events soon; by default a producer asks for it every five minutes.
    Map<String, String> sender = new HashMap<>(client);
    sender.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, LOOK_FOR_PARTITIONS_MS);
    String topic = pipeline.source().topics().get(0);

    FaultFolder faults = new FaultFolder(directory.path().resolve("faults"));
    boolean fills = kinds.contains(FaultKind.DISK_FULL);
    LakeDisk disk = LakeDisk.at(directory.path().resolve("lake"), faults, fills && !options.keep());
    String warehouse = directory.path().resolve("lake").toUri().toString();
    List<String> notes = new ArrayList<>();
    if (fills) {
      notes.add("disk-full is " + disk.kind());
    }

    try (KafkaTopics topics = new KafkaTopics(client)) {
      pipeline.source().topics().forEach(name -> topics.createIfMissing(name, PARTITIONS));
      ChaosCluster cluster =
          new ChaosCluster(
              installation,
              directory.path(),
              folder,
              warehouse,
              kafka,
              topics,
              topic,
              faults,
              disk,
              kinds.stream().anyMatch(FaultKind.OF_CLOCK::contains),
              options.sink());
      cluster.start();
      say("%s  three jobs run", clock());
      FollowKafka follow = new FollowKafka(client, topic);
      ReadBronze bronze =
          new ReadBronze(warehouse, Tables.bronze(pipeline), follow, options.sink());
      TrackTables tables =
          options.sink() == Sink.MEDALLION
              ? new TrackPositions(pipeline, warehouse)
              : new TrackCommits(pipeline, warehouse, bronze);
      WatchBronze reader =
          new WatchBronze(bronze, others, news -> say("%s  reader: %s", clock(), news));
      try (follow;
          SendEvents send =
              new SendEvents(
                  sender,
                  topic,
                  ProduceCommand.source(SampleFile.read(folder), options.seed()),
                  options.rate(),
                  Long.MAX_VALUE)) {
        try (reader) {
          injectAll(
              schedule,
              cluster,
              reader,
              tables,
              send,
              () -> follow.recordsEnd(topics.endOffsets(List.of(topic))));
        }
        OffsetCount count = bronze.count();
        Optional<AuditReport> audit =
            options.sink() == Sink.MEDALLION
                ? Optional.of(new Audit(pipeline, warehouse, client).run(AuditProgress.NONE))
                : Optional.empty();
        List<GoldCheck> gold = new RecomputeGold(pipeline, warehouse).verify();
        return new ChaosReport(
            options.sink(),
            options.seed(),
            options.faults(),
            Duration.ofNanos(System.nanoTime() - start),
            reader.reads(),
            reader.failedReads(),
            notes,
            results,
            others,
            unavailable,
            notDrained,
            count,
            audit,
            gold);
      }
    }
  }

  private void injectAll(
      FaultSchedule schedule,
      ChaosCluster cluster,
      WatchBronze reader,
      TrackTables tables,
      SendEvents send,
      Supplier<Map<String, Long>> recordsEnd) {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> sending = executor.submit(send);
      AwaitRecovery recovery = new AwaitRecovery(tables, cluster::repair);
      cluster.happened();
      if (recovery.of(cluster.moment(), RECOVERY).isEmpty()) {
        throw new CommandFailedException(
            "Nothing reached gold before the first fault. " + cluster.jobs().failures());
      }
      for (PlannedFault planned : schedule.faults()) {
        if (isOver()) {
          say("%s  the time is over", clock());
          break;
        }
        if (sending.isDone()) {
          await(sending);
        }
        Wait.of(planned.delay());
        FaultResult result = new FaultResult(planned);
        results.add(result);
        reader.during(result);
        if (!inject(planned, result, cluster, recovery)) {
          break;
        }
        if (result.outcome() != Outcome.NOT_REACHED) {
          // What this fault has done is not the next one's.
          reader.awaitLook();
        }
      }
      send.stop();
      await(sending);
      Map<String, Long> ends = recordsEnd.get();
      say("%s  sent %,d events; waiting until gold holds them", clock(), send.sent());
      if (notDrained.isEmpty()) {
        drain(cluster, tables, ends);
      }
    } finally {
      send.stop();
      executor.shutdown();
    }
  }

  /** What has not arrived is for the report: the audit says what of it is there. */
  private void drain(ChaosCluster cluster, TrackTables tables, Map<String, Long> ends) {
    try {
      AwaitDrained.of(
          () -> {
            cluster.repair();
            return tables.underWay(ends);
          },
          () -> cluster.jobs().failures());
      say("%s  everything is in gold", clock());
    } catch (CommandFailedException e) {
      notDrained = Optional.of(String.valueOf(e.getMessage()));
      say("%s  %s", clock(), e.getMessage());
    }
  }

  /** Returns whether the jobs go on, be it with new processes. */
  private boolean inject(
      PlannedFault planned, FaultResult result, ChaosCluster cluster, AwaitRecovery recovery) {
    Optional<Recovery> recovered;
    try {
      planned.kind().fault().inject(cluster, planned);
      recovered = recovery.of(cluster.moment(), RECOVERY);
      if (recovered.isEmpty()) {
        result.notRecovered(
            "not all layers went on within %d s. %s"
                .formatted(RECOVERY.toSeconds(), cluster.jobs().failures()));
      }
    } catch (NotReachedException e) {
      result.notReached(e.getMessage());
      say("%s  %-40s not reached: %s", clock(), words(planned), e.getMessage());
      return true;
    } catch (CommandFailedException e) {
      recovered = Optional.empty();
      result.notRecovered(e.getMessage());
    }
    if (recovered.isPresent()) {
      Recovery times = recovered.get();
      result.recovered(times.toBronze(), times.toGold());
      say(
          "%s  %-40s bronze after %.1f s, gold after %.1f s",
          clock(),
          words(planned),
          times.toBronze().toMillis() / 1e3,
          times.toGold().toMillis() / 1e3);
      return true;
    }
    say("%s  %-40s NOT RECOVERED: %s", clock(), words(planned), result.note());
    cluster.restart();
    cluster.happened();
    if (recovery.of(cluster.moment(), RECOVERY).isPresent()) {
      say("%s  went on after a restart of everything", clock());
      return true;
    }
    notDrained =
        Optional.of(
            "After fault %d (%s) not even new processes went on from the last checkpoints. %s"
                .formatted(planned.number(), words(planned), cluster.jobs().failures()));
    say("%s  %s", clock(), notDrained.get());
    return false;
  }

  private static String words(PlannedFault planned) {
    return planned.kind().label() + planned.kind().amounts().of(planned.amount());
  }

  private boolean isOver() {
    return options.limit().filter(limit -> System.nanoTime() - start > limit.toNanos()).isPresent();
  }

  private static void await(Future<?> sending) {
    try {
      sending.get(SENDING_ENDS.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailedException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new CommandFailedException("Kafka took no more events.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted.", e);
    }
  }

  private static PipelineDefinition load(Path folder, String bootstrapServers) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
    return PipelineFolder.load(folder.toUri().toString(), environment);
  }

  private String clock() {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    return "%02d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
  }

  private void say(String format, Object... arguments) {
    synchronized (out) {
      out.printf(format + "%n", arguments);
      out.flush();
    }
  }
}
