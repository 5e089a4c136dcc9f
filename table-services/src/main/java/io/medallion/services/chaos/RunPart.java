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
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.LaunchedProcess;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.services.verify.GoldCheck;
import io.medallion.services.verify.VerifyGold;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Some faults on processes and tables of their own.
 *
 * <pre>
 * start → send events, read bronze → (inject → wait until all layers went on)* → drain → audit → recompute gold → stop
 * </pre>
 */
final class RunPart {
  private static final int PARTITIONS = 2;
  private static final Duration RECOVERY = Duration.ofSeconds(90);
  private static final String LOOK_FOR_PARTITIONS_MS = "1000";
  private static final Duration SENDING_ENDS = Duration.ofMinutes(3);

  private final ChaosOptions options;
  private final Installation installation;
  private final List<FaultKind> kinds;
  private final RunLog log;
  private final List<FaultResult> results = new ArrayList<>();
  private final FaultResult others =
      new FaultResult(new PlannedFault(0, FaultKind.KILL_TASKMANAGER, Duration.ZERO, 1, 0, 0));

  private Optional<String> notDrained = Optional.empty();

  /**
   * @param kinds all that the run may bring
   */
  RunPart(ChaosOptions options, Installation installation, List<FaultKind> kinds, RunLog log) {
    this.options = options;
    this.installation = installation;
    this.kinds = kinds;
    this.log = log;
  }

  PartReport run(List<PlannedFault> faults) throws IOException {
    try (DemoDirectory directory = DemoDirectory.create(options.keep());
        KafkaBroker kafka =
            KafkaBroker.start(
                installation, directory.path().resolve("kafka"), LaunchedProcess.SHORT_LIVED)) {
      if (options.keep()) {
        log.say("Tables, checkpoints and logs: %s", directory.path());
      }
      return run(faults, directory.path(), kafka);
    }
  }

  private PartReport run(List<PlannedFault> planned, Path directory, KafkaBroker kafka) {
    Path folder = options.pipeline(installation);
    PipelineDefinition pipeline = load(folder, kafka.bootstrapServers());
    Map<String, String> client = new HashMap<>(pipeline.source().kafka());
    client.put("bootstrap.servers", kafka.bootstrapServers());
    // A partition more gets events soon; by default a producer asks for it every five minutes.
    Map<String, String> sender = new HashMap<>(client);
    sender.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, LOOK_FOR_PARTITIONS_MS);
    String topic = pipeline.source().topics().get(0);

    FaultFolder faults = new FaultFolder(directory.resolve("faults"));
    boolean fills = kinds.contains(FaultKind.DISK_FULL);
    String warehouse = directory.resolve("lake").toUri().toString();

    try (LakeDisk disk = LakeDisk.at(directory.resolve("lake"), faults, fills && !options.keep());
        KafkaTopics topics = new KafkaTopics(client);
        ChaosCluster cluster =
            new ChaosCluster(
                installation,
                directory,
                options.jars(installation),
                folder,
                warehouse,
                kafka,
                topics,
                topic,
                faults,
                disk,
                kinds.stream().anyMatch(FaultKind.OF_CLOCK::contains),
                options.sink())) {
      pipeline.source().topics().forEach(name -> topics.createIfMissing(name, PARTITIONS));
      cluster.start();
      log.happened("the jobs run: " + String.join(", ", cluster.jobs().names()));
      FollowKafka follow = new FollowKafka(client, topic);
      ReadBronze bronze =
          new ReadBronze(warehouse, Tables.bronze(pipeline), follow, options.sink());
      TrackTables tables =
          options.sink() == Sink.MEDALLION
              ? new TrackPositions(pipeline, warehouse)
              : new TrackCommits(pipeline, warehouse, bronze);
      WatchBronze reader =
          new WatchBronze(bronze, others, news -> log.happened("reader: %s", news));
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
              planned,
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
        VerifyGold verification = new VerifyGold(pipeline, warehouse);
        List<GoldCheck> gold = compare(verification);
        return new PartReport(
            reader.reads(),
            reader.failedReads(),
            fills ? List.of("disk-full is " + disk.kind()) : List.of(),
            results,
            others,
            notDrained,
            count,
            audit,
            gold);
      }
    }
  }

  private void injectAll(
      List<PlannedFault> faults,
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
      for (PlannedFault planned : faults) {
        if (log.isOver()) {
          log.happened("the time is over");
          break;
        }
        if (sending.isDone()) {
          await(sending);
        }
        if (!replenish(cluster)) {
          break;
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
      log.happened("sent %,d events; waiting until gold holds them", send.sent());
      if (notDrained.isEmpty()) {
        drain(cluster, tables, ends);
      }
    } finally {
      send.stop();
      executor.shutdown();
    }
  }

  /** What cannot be read is for the report as well. */
  private List<GoldCheck> compare(VerifyGold verification) {
    try {
      return options.sink() == Sink.MEDALLION
          ? verification.asCommitted(news -> {})
          : verification.asTheyAre();
    } catch (RuntimeException unreadable) {
      Throwable cause = unreadable;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      notDrained =
          Optional.of(
              notDrained.map(what -> what + " ").orElse("")
                  + "Gold could not be compared: "
                  + cause.getMessage());
      return List.of();
    }
  }

  /** Returns whether all TaskManagers are there. */
  private boolean replenish(ChaosCluster cluster) {
    try {
      cluster.replenish();
      return true;
    } catch (CommandFailedException e) {
      notDrained = Optional.of(String.valueOf(e.getMessage()));
      log.happened("%s", e.getMessage());
      return false;
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
      log.happened("everything is in gold");
    } catch (CommandFailedException e) {
      notDrained = Optional.of(String.valueOf(e.getMessage()));
      log.happened("%s", e.getMessage());
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
      log.happened("%-40s not reached: %s", words(planned), e.getMessage());
      return true;
    } catch (CommandFailedException e) {
      recovered = Optional.empty();
      result.notRecovered(e.getMessage());
    }
    if (recovered.isPresent()) {
      Recovery times = recovered.get();
      result.recovered(times.toBronze(), times.toGold());
      log.happened(
          "%-40s bronze after %.1f s, gold after %.1f s",
          words(planned), times.toBronze().toMillis() / 1e3, times.toGold().toMillis() / 1e3);
      return true;
    }
    log.happened("%-40s NOT RECOVERED: %s", words(planned), result.note());
    String failures;
    try {
      cluster.restart();
      cluster.happened();
      if (recovery.of(cluster.moment(), RECOVERY).isPresent()) {
        log.happened("went on after a restart of everything");
        return true;
      }
      failures = cluster.jobs().failures();
    } catch (CommandFailedException e) {
      failures = String.valueOf(e.getMessage());
    }
    notDrained =
        Optional.of(
            "After fault %d (%s) not even new processes went on from the last checkpoints. %s"
                .formatted(planned.number(), words(planned), failures));
    log.happened("%s", notDrained.get());
    return false;
  }

  private static String words(PlannedFault planned) {
    return planned.kind().label() + planned.kind().amounts().of(planned.amount());
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
}
