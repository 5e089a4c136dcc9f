package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.Chromium;
import io.medallion.services.demo.FlinkCli;
import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.LaunchedProcess;
import io.medallion.services.demo.PipelineJobs;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline on real processes: what Flink shows of it, and then each stage stands still in turn,
 * and the status names it. That it does so within two checkpoint intervals is a matter of times
 * alone: {@link AssessLayersTest}.
 */
@Tag("processes")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FreezeIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));
  private static final Path FOLDER = Path.of("../pipelines/transactions").toAbsolutePath();
  private static final String TOPIC = "transactions";
  private static final int PER_SECOND = 200;

  /** Of Flink's Prometheus reporter, in flink-conf. */
  private static final int FIRST_PORT = 9249;

  private static final String BRONZE = "bronze.transactions";
  private static final String SILVER = "silver.transactions";
  private static final String GOLD = "gold.daily_revenue";

  /** Of refine-silver, as its users know them. */
  private static final List<String> OPERATORS =
      List.of(
          "poll bronze.transactions",
          "plan reads of bronze.transactions",
          "replay quarantine",
          "read bronze.transactions",
          "decode events",
          "check gates",
          "merge by key",
          "write silver.transactions",
          "commit silver.transactions",
          "compact silver.transactions",
          "clean silver.transactions",
          "count quarantined",
          "commit silver.transactions_quarantine");

  @TempDir static Path directory;

  private static final List<ProcessHandle> PROCESSES = new ArrayList<>();

  /** What is to be closed, the last first. */
  private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

  private static Path faults;
  private static Map<String, String> client;
  private static FlinkCluster flink;
  private static FlinkCli cli;
  private static PipelineJobs jobs;
  private static SendEvents send;
  private static Future<?> sending;
  private static ReadStatus status;

  @BeforeAll
  static void startThreeJobsThatAreSentEvents() throws IOException {
    faults = Files.createDirectories(directory.resolve("faults"));
    String warehouse = directory.resolve("lake").toUri().toString();
    KafkaBroker kafka =
        started(
            KafkaBroker.start(
                INSTALLATION, directory.resolve("kafka"), LaunchedProcess.SHORT_LIVED));
    flink = started(FlinkCluster.start(INSTALLATION, directory.resolve("flink"), settings(faults)));
    Stream.of(kafka.process(), flink.jobManager(), flink.taskManagers().iterator().next())
        .map(process -> ProcessHandle.of(process.pid()).orElseThrow())
        .forEach(PROCESSES::add);
    client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaTopics topics = new KafkaTopics(client)) {
      topics.createIfMissing(TOPIC, 2);
    }
    Map<String, String> variables = Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    PipelineDefinition pipeline = PipelineFolder.load(FOLDER.toUri().toString(), variables);
    cli = new FlinkCli(INSTALLATION, flink.address(), flink.settings(), variables, directory);
    jobs = new PipelineJobs(cli, flink.rest(), INSTALLATION.jobJars(), FOLDER, warehouse);
    CompletableFuture.allOf(
            jobs.names().stream()
                .map(job -> CompletableFuture.runAsync(() -> jobs.submit(job, List.of())))
                .toArray(CompletableFuture[]::new))
        .join();
    jobs.awaitRunning(flink::requireAlive);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    STARTED.push(executor::shutdownNow);
    send =
        started(
            new SendEvents(
                client,
                TOPIC,
                ProduceCommand.source(SampleFile.read(FOLDER), 1),
                PER_SECOND,
                Long.MAX_VALUE));
    status =
        started(new ReadStatus(pipeline, warehouse, Optional.of(client), Duration.ofMinutes(15)));
    sending = executor.submit(send);
  }

  @AfterAll
  static void aStoppedClusterLeavesNoProcess() throws Exception {
    while (!STARTED.isEmpty()) {
      STARTED.pop().close();
    }
    assertThat(PROCESSES).hasSize(3).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  @Order(1)
  void flinkHasTheGaugesOfEachOperator() {
    // When
    awaitAllGoOn();

    // Then
    FlinkGauges flinks = new FlinkGauges(flink.rest().url());
    // Flink asks its processes for them every ten seconds.
    await("gauges")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .untilAsserted(
            () -> {
              assertThat(flinks.of(jobs.id("ingest-bronze")))
                  .satisfies(gauges -> assertThatTellsOfCommits(gauges, BRONZE));
              assertThat(flinks.of(jobs.id("refine-silver")))
                  .satisfies(gauges -> assertThatTellsOfCommits(gauges, SILVER))
                  .satisfies(gauges -> assertThatTellsOfCommits(gauges, SILVER + "_quarantine"))
                  .containsKeys(
                      "plan_reads_of_bronze_transactions.medallion.unread_commits",
                      "merge_by_key.medallion.pending")
                  .hasEntrySatisfying(
                      "decode_events.medallion.rule.region_is_known.quarantined",
                      events -> assertThat(events).isPositive());
              assertThat(flinks.of(jobs.id("aggregate-gold")))
                  .satisfies(gauges -> assertThatTellsOfCommits(gauges, GOLD))
                  .containsKey("plan_reads_of_silver_transactions.medallion.unread_commits");
            });
  }

  @Test
  @Order(2)
  void flinksWebUiNamesJobsAndOperatorsAndShowsCheckpoints() throws Exception {
    assumeThat(Chromium.PROGRAM).as("chromium, apt-get install chromium").exists();
    awaitAllGoOn();
    try (Chromium chromium = new Chromium(directory)) {
      chromium.show(1400, 900, false);

      // When
      chromium.open(page("overview"));

      // Then
      chromium.awaitText(
          text ->
              assertThat(text)
                  .contains(jobs.names().stream().map(job -> job + " transactions").toList()));

      // When
      String job = "job/running/" + jobs.id("refine-silver");
      chromium.open(page(job + "/overview"));

      // Then
      chromium.awaitText(text -> assertThat(text).contains("RUNNING").contains(OPERATORS));
      writePicture("web-ui-job.png", chromium.picture());

      // When
      chromium.open(page(job + "/checkpoints"));

      // Then
      chromium.awaitText(
          text ->
              assertThat(text)
                  .contains("Latest Completed Checkpoint")
                  .containsPattern("Completed:\\s+([5-9]|\\d\\d)"));

      // When
      chromium.evaluate(
          "[...document.querySelectorAll('.ant-tabs-tab-btn')].find(tab => tab.innerText.trim() === 'History').click()");

      // Then
      chromium.awaitText(text -> assertThat(text).containsPattern("COMPLETED\\s+\\d+/\\d+"));
      writePicture("web-ui-checkpoints.png", chromium.picture());
    }
  }

  @Test
  @Order(3)
  void theStageThatStandsStillIsNamed() throws Exception {
    PipelineStatus goesOn = awaitAllGoOn();
    assertThat(goesOn.latency().records()).isPositive();
    assertThat(goesOn.latency().quantile(0.5).orElseThrow())
        .isBetween(Duration.ofMillis(1), Duration.ofMinutes(2));
    assertThat(goesOn.layers()).allSatisfy(layer -> assertThat(layer.met()).isPresent());
    assertThat(goesOn.layers())
        .extracting(layer -> layer.files().base() + layer.files().log())
        .allMatch(files -> files > 0);
    assertThat(goesOn.layers())
        .extracting(layer -> layer.newest().orElseThrow().checkpointInterval())
        .containsOnly(Duration.ofSeconds(5));

    assertThat(scraped())
        .containsAll(metricsOfTheDashboard())
        .contains(
            "flink_taskmanager_job_task_operator_medallion_commit_duration_ms",
            "flink_taskmanager_job_task_operator_medallion_last_commit_age_ms",
            "flink_taskmanager_job_task_operator_medallion_freshness_ms",
            "flink_taskmanager_job_task_operator_medallion_unread_commits");

    // When the TaskManager of all jobs stands still
    LaunchedProcess taskManager = flink.taskManagers().iterator().next();
    taskManager.freeze();
    LayerStatus frozen =
        awaitStatus("all stand still", now -> stalled(now).contains(BRONZE)).layers().get(0);
    taskManager.thaw();

    // Then
    assertThat(frozen.cause()).containsPattern("waiting: .* records in Kafka, .* no commit for ");
    awaitAllGoOn();

    // When silver's job is stopped
    String savepoint = cli.stop(jobs.id("refine-silver"));
    PipelineStatus stopped =
        awaitStatus("silver is down", now -> stalled(now).equals(List.of(SILVER)));
    jobs.submit("refine-silver", List.of("-s", savepoint));

    // Then the layer behind it has nothing to do
    assertThat(state(stopped, GOLD)).isEqualTo(FreshnessState.IDLE);
    assertThat(stopped.layers().get(1).cause())
        .containsPattern("commits? of bronze.transactions, .* no commit for ");
    awaitAllGoOn();

    // When the commit of one table does not come
    plan(faults, "before-commit", "pause 25000");
    PipelineStatus blocked = awaitStatus("a commit is blocked", now -> stalled(now).size() == 1);
    assertThat(List.of(BRONZE, SILVER, GOLD)).containsAll(stalled(blocked));
    awaitAllGoOn();

    // When no checkpoint is completed
    awaitStatus(
        "checkpoints fail",
        now -> {
          plan(faults, "before-flush", "fail");
          return stalled(now).contains(BRONZE);
        });
    Files.deleteIfExists(faults.resolve("before-flush"));
    awaitAllGoOn();

    // When nothing comes any more
    send.stop();
    sending.get();
    awaitStatus("all is in gold", now -> now.state() == FreshnessState.IDLE);

    // Then that is no alarm, however long it lasts
    abortTransaction(client);
    Instant later = Instant.now().plusSeconds(15);
    while (Instant.now().isBefore(later)) {
      PipelineStatus idle = status.look();
      assertThat(idle.state()).as(StatusText.of(idle)).isEqualTo(FreshnessState.IDLE);
      assertThat(idle.notices()).isEmpty();
    }

    // When the producers' clock is wrong
    Duration arrivalAge = status.look().layers().get(2).arrivalAge().orElseThrow();
    send(client, Instant.now().plus(Duration.ofMinutes(10)));
    PipelineStatus ahead = awaitStatus("producers ahead", now -> !now.notices().isEmpty());
    awaitStatus("all is in gold", now -> now.state() == FreshnessState.IDLE);
    PipelineStatus behind =
        awaitStatus(
            "producers behind",
            now -> {
              send(client, Instant.now().minus(Duration.ofMinutes(10)));
              return now.notices().toString().contains(" behind the storage's");
            });

    // Then it is named, and gold does not seem fresher than it is
    assertThat(ahead.notices())
        .singleElement()
        .asString()
        .containsPattern("The clock of the producers is (9 min|10 min|59\\d s) ahead");
    assertThat(behind.notices())
        .singleElement()
        .asString()
        .containsPattern("The clock of the producers is (9|10) min behind");
    assertThat(behind.layers().get(0).progress().counter(Progress.FUTURE)).isEqualTo(50);
    assertThat(behind.layers().get(2).arrivalAge().orElseThrow()).isGreaterThan(arrivalAge);
  }

  private static <T extends AutoCloseable> T started(T what) {
    STARTED.push(what);
    return what;
  }

  private static void assertThatTellsOfCommits(Map<String, Long> gauges, String table) {
    String operator = "commit_%s.medallion.".formatted(table.replace('.', '_'));
    assertThat(gauges)
        .hasEntrySatisfying(
            operator + "commit_duration_ms", duration -> assertThat(duration).isPositive());
    for (String age : List.of("last_commit_age_ms", "freshness_ms")) {
      assertThat(gauges)
          .hasEntrySatisfying(
              operator + age, ms -> assertThat(ms).isBetween(0L, Duration.ofMinutes(2).toMillis()));
    }
  }

  private static URI page(String path) {
    return URI.create("%s/#/%s".formatted(flink.rest().url(), path));
  }

  /** For docs/status.md, where that is asked for. */
  private static void writePicture(String name, byte[] picture) throws IOException {
    if (Boolean.getBoolean("medallion.write-docs")) {
      Files.write(Path.of("../docs/images").resolve(name), picture);
    }
  }

  private static Map<String, String> settings(Path faults) {
    String options =
        "-Dmedallion.faults=%s %s".formatted(faults, String.join(" ", LaunchedProcess.SHORT_LIVED));
    return Map.of(
        "env.java.opts.jobmanager", options,
        "env.java.opts.taskmanager", options);
  }

  /** Names of metrics that Flink's processes report: each opens the first port that is free. */
  private static Set<String> scraped() throws InterruptedException {
    Set<String> names = new HashSet<>();
    HttpClient http = HttpClient.newHttpClient();
    for (int port = FIRST_PORT; port < FIRST_PORT + 20; port++) {
      try {
        http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port)))
                    .build(),
                HttpResponse.BodyHandlers.ofLines())
            .body()
            .filter(line -> line.startsWith("flink_"))
            .forEach(line -> names.add(line.substring(0, line.indexOf('{'))));
      } catch (IOException nobody) {
        // Whose metrics would be missing is seen by the caller.
      }
    }
    return names;
  }

  private static Set<String> metricsOfTheDashboard() throws IOException {
    return Pattern.compile("\\bflink_\\w+")
        .matcher(Files.readString(Path.of("../docker/grafana/dashboards/medallion.json")))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  /** A file that is complete when it appears. */
  private void plan(Path faults, String point, String fault) {
    try {
      Path draft = Files.writeString(directory.resolve("draft"), fault, StandardCharsets.UTF_8);
      Files.move(draft, faults.resolve(point), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Events that cannot be read, of some time. */
  private static void send(Map<String, String> client, Instant time) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.copyOf(client), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < 50; i++) {
        Future<?> sent =
            producer.send(
                new ProducerRecord<>(
                    TOPIC, 0, time.toEpochMilli(), null, "?".getBytes(StandardCharsets.UTF_8)));
        assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
      }
    }
  }

  /** Behind the last record are offsets that no reader sees then. */
  private static void abortTransaction(Map<String, String> client) throws Exception {
    Map<String, Object> transactional = new HashMap<>(client);
    transactional.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "aborted");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(TOPIC, 0, null, new byte[] {'?'})).get();
      producer.abortTransaction();
    }
  }

  private PipelineStatus awaitAllGoOn() {
    return awaitStatus(
        "all go on",
        now ->
            stalled(now).isEmpty()
                && now.notices().isEmpty()
                && now.layers().stream().allMatch(layer -> layer.newest().isPresent())
                && state(now, GOLD) == FreshnessState.HEALTHY);
  }

  private PipelineStatus awaitStatus(String what, Predicate<PipelineStatus> expected) {
    AtomicReference<PipelineStatus> now = new AtomicReference<>();
    await(what)
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              now.set(status.look());
              assertThat(expected.test(now.get())).as(StatusText.of(now.get())).isTrue();
            });
    return now.get();
  }

  private static List<String> stalled(PipelineStatus now) {
    return now.layers().stream()
        .filter(layer -> layer.state() == FreshnessState.STALLED)
        .map(layer -> layer.table().qualifiedName())
        .toList();
  }

  private static FreshnessState state(PipelineStatus now, String table) {
    return now.layers().stream()
        .filter(layer -> layer.table().qualifiedName().equals(table))
        .map(LayerStatus::state)
        .findFirst()
        .orElseThrow();
  }
}
