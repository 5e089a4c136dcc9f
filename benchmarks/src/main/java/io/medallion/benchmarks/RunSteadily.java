package io.medallion.benchmarks;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.DemoDirectory;
import io.medallion.services.demo.FlinkCli;
import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.PipelineJobs;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.services.status.ReadStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The pipeline {@code transactions} under a steady load, with a broker, a cluster and a lake of its
 * own.
 *
 * @param jars of the jobs, in the order of the data
 * @param settings of the cluster that differ from {@code flink-conf}
 * @param rate events per second
 * @param warmUp how long it runs at least, after gold is there, before it is measured
 */
record RunSteadily(
    Installation installation,
    List<Path> jars,
    Map<String, String> settings,
    double rate,
    Duration warmUp) {
  private static final int PARTITIONS = 2;
  private static final Duration STARTS_WITHIN = Duration.ofMinutes(10);

  /** By then classes are compiled, and what came while the jobs started is through. */
  private static final Duration SHORTEST_WARM_UP = Duration.ofSeconds(60);

  /** What there is to be measured. */
  record Running(
      FlinkCluster flink,
      ReadStatus status,
      SendEvents send,
      PipelineDefinition pipeline,
      String warehouse) {}

  /**
   * Runs it.
   *
   * @param window of the latencies that the status samples
   * @param measure looks at it for as long as it likes
   */
  <T> T run(Duration window, Function<Running, T> measure) throws Exception {
    Path folder = installation.root().resolve("pipelines").resolve("transactions");
    try (DemoDirectory directory = DemoDirectory.create(false);
        KafkaBroker kafka =
            KafkaBroker.start(installation, directory.path().resolve("kafka"), List.of());
        FlinkCluster flink =
            FlinkCluster.start(installation, directory.path().resolve("flink"), settings)) {
      Map<String, String> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
      Map<String, String> environment = Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
      PipelineDefinition pipeline = PipelineFolder.load(folder.toUri().toString(), environment);
      String topic = pipeline.source().topics().get(0);
      try (KafkaTopics topics = new KafkaTopics(client)) {
        topics.createIfMissing(topic, PARTITIONS);
      }
      String warehouse = directory.path().resolve("lake").toUri().toString();
      PipelineJobs jobs =
          new PipelineJobs(
              new FlinkCli(
                  installation, flink.address(), flink.settings(), environment, directory.path()),
              flink.rest(),
              jars,
              folder,
              warehouse);
      jobs.names().forEach(job -> jobs.submit(job, List.of()));
      jobs.awaitRunning(flink::requireAlive);
      ExecutorService executor = Executors.newSingleThreadExecutor();
      try (SendEvents send =
              new SendEvents(
                  client,
                  topic,
                  ProduceCommand.source(SampleFile.read(folder), 1),
                  rate,
                  Long.MAX_VALUE);
          ReadStatus status = new ReadStatus(pipeline, warehouse, Optional.of(client), window)) {
        Future<?> sending = executor.submit(send);
        warmUp(status, jobs);
        T measured = measure.apply(new Running(flink, status, send, pipeline, warehouse));
        send.stop();
        sending.get();
        return measured;
      } finally {
        executor.shutdownNow();
      }
    }
  }

  private void warmUp(ReadStatus status, PipelineJobs jobs) {
    Duration longEnough = warmUp.compareTo(SHORTEST_WARM_UP) < 0 ? SHORTEST_WARM_UP : warmUp;
    Instant deadline = Instant.now().plus(STARTS_WITHIN);
    Instant there = null;
    while (there == null || Instant.now().isBefore(there.plus(longEnough))) {
      if (Instant.now().isAfter(deadline)) {
        throw new CommandFailedException(
            "Nothing reached gold within %d min. %s"
                .formatted(STARTS_WITHIN.toMinutes(), jobs.failures()));
      }
      jobs.requireNoneEnded();
      RunJob.pause();
      if (there == null
          && status.look().layers().stream().allMatch(layer -> layer.newest().isPresent())) {
        there = Instant.now();
      }
    }
  }
}
