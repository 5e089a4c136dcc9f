package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.FlinkCli;
import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.demo.LaunchedProcess;
import io.medallion.services.demo.PipelineJobs;
import io.medallion.services.sample.KafkaTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * What is broken and repaired: a broker, a Flink cluster with a TaskManager more than it needs, and
 * the jobs of a pipeline on it. Its settings differ from {@code flink-conf} only in what makes time
 * pass quicker.
 */
final class ChaosCluster implements AutoCloseable {
  static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
  static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(30);

  /** After which a silent process counts as dead. */
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(6);

  private static final int TASK_MANAGERS = 2;
  private static final Duration JOB_ENDS = Duration.ofSeconds(60);
  private static final Set<String> ENDED = Set.of("FAILED", "CANCELED", "FINISHED", "SUSPENDED");

  private final Installation installation;
  private final Path directory;
  private final List<Path> jars;
  private final Path pipeline;
  private final String warehouse;
  private final KafkaBroker kafka;
  private final KafkaTopics topics;
  private final String topic;
  private final FaultFolder faults;
  private final FakeClock clock;
  private final LakeDisk disk;
  private final boolean canJump;
  private final Sink sink;
  private final RetainedCheckpoints checkpoints;

  /** Every submission of a job, newest first. */
  private final Map<String, Deque<Submission>> history = new TreeMap<>();

  private final Map<String, Integer> parallelism = new HashMap<>();

  /** The jobs that compact, clean and archive at full speed. */
  private final Set<String> fast = new HashSet<>();

  /** All that were started, those too that were left to themselves. */
  private final List<FlinkCluster> clusters = new ArrayList<>();

  private FlinkCluster flink;
  private FlinkCli cli;
  private PipelineJobs jobs;
  private Moment moment;

  /**
   * @param jars of the jobs, in the order of the data
   * @param canJump whether the clock of its processes can be set
   */
  ChaosCluster(
      Installation installation,
      Path directory,
      List<Path> jars,
      Path pipeline,
      String warehouse,
      KafkaBroker kafka,
      KafkaTopics topics,
      String topic,
      FaultFolder faults,
      LakeDisk disk,
      boolean canJump,
      Sink sink) {
    this.installation = installation;
    this.directory = directory;
    this.jars = List.copyOf(jars);
    this.pipeline = pipeline;
    this.warehouse = warehouse;
    this.kafka = kafka;
    this.topics = topics;
    this.topic = topic;
    this.faults = faults;
    this.disk = disk;
    this.canJump = canJump;
    this.sink = sink;
    this.clock = new FakeClock(directory.resolve("clock"));
    this.checkpoints = new RetainedCheckpoints(directory.resolve("checkpoints"));
  }

  /** Starts Flink and submits the jobs for the first time. */
  void start() {
    startFlink();
    sideBySide(jobs.names(), job -> submit(job, List.of()));
    jobs.awaitRunning(flink::requireAlive);
  }

  FlinkCluster flink() {
    return flink;
  }

  PipelineJobs jobs() {
    return jobs;
  }

  KafkaBroker kafka() {
    return kafka;
  }

  KafkaTopics topics() {
    return topics;
  }

  String topic() {
    return topic;
  }

  FaultFolder faults() {
    return faults;
  }

  FakeClock clock() {
    return clock;
  }

  LakeDisk disk() {
    return disk;
  }

  /** The job that a fault means. */
  String job(PlannedFault planned) {
    return jobs.names().get(planned.target() % jobs.names().size());
  }

  /** The job whose tables nobody follows: in the order of the data, the last. */
  String lastJob() {
    return jobs.names().get(jobs.names().size() - 1);
  }

  /** Says that now is the moment from which a recovery counts; the last word counts. */
  void happened() {
    long now = System.nanoTime();
    moment = new Moment(now, topics.endOffsets(List.of(topic)));
  }

  Moment moment() {
    return moment;
  }

  /**
   * Starts what has ended and is needed, and goes on with each job that has from its last
   * checkpoint. A TaskManager that lives has slots for all of them.
   */
  void repair() {
    if (livingTaskManagers() == 0) {
      flink.startTaskManager();
    }
    if (!flink.jobManager().isAlive()) {
      flink.jobManager().close();
      flink.startJobManager();
      resume(jobs.names());
    } else {
      resume(jobs.names().stream().filter(this::hasEnded).toList());
    }
  }

  /**
   * Starts the TaskManagers that are missing and waits for their slots: while jobs go on, that
   * would take the cores from them.
   */
  void replenish() {
    for (long i = livingTaskManagers(); i < TASK_MANAGERS; i++) {
      flink.startTaskManager();
    }
    flink.awaitSlots();
  }

  /** Ends every process of Flink and goes on with new ones. */
  void restart() {
    List<LaunchedProcess> processes = new ArrayList<>(flink.taskManagers());
    processes.add(flink.jobManager());
    processes.forEach(LaunchedProcess::kill);
    repair();
  }

  /**
   * Starts another cluster, which takes the jobs over from their last checkpoints.
   *
   * @return the one before, which is left to itself
   */
  FlinkCluster replace() {
    FlinkCluster before = flink;
    startFlink();
    resume(jobs.names());
    return before;
  }

  @Override
  public void close() {
    clusters.forEach(FlinkCluster::close);
  }

  /** Cancels a job and waits until it has ended. */
  void cancel(String job) {
    String id = jobs.id(job);
    flink.rest().cancel(id);
    if (!Wait.until(JOB_ENDS, () -> hasEnded(job))) {
      throw new CommandFailedException(
          "Job %s (%s) was cancelled and has not ended after %d s; it is %s."
              .formatted(job, id, JOB_ENDS.toSeconds(), flink.rest().jobState(id).orElse("?")));
    }
  }

  /** Stops a job with a savepoint, whose path it returns. */
  String stop(String job) {
    return cli.stop(jobs.id(job));
  }

  /** The checkpoints of the job as it runs now, oldest first. */
  List<String> checkpoints(String job) {
    return checkpoints.of(jobs.id(job));
  }

  Path checkpointFolder(String job) {
    return checkpoints.folder().resolve(jobs.id(job));
  }

  void parallelism(String job, int subtasks) {
    parallelism.put(job, subtasks);
  }

  /** From its next submission on, a job compacts, cleans and archives at full speed. */
  void speedUpServices(String job) {
    fast.add(job);
  }

  boolean hasFastServices(String job) {
    return fast.contains(job);
  }

  /** Submits a job from a savepoint or checkpoint, or from none. */
  void submit(String job, List<String> from) {
    String id = jobs.submit(job, options(job, from));
    synchronized (history) {
      history.computeIfAbsent(job, name -> new ArrayDeque<>()).push(new Submission(id, from));
    }
  }

  /** Submits a job once more while it runs, and returns the id of the copy. */
  String submitCopy(String job) {
    return jobs.submitAnother(job, options(job, List.of()));
  }

  private List<String> options(String job, List<String> from) {
    List<String> options = new ArrayList<>();
    from.forEach(path -> options.addAll(List.of("-s", path)));
    if (parallelism.containsKey(job)) {
      options.addAll(List.of("-p", String.valueOf(parallelism.get(job))));
    }
    if (fast.contains(job)) {
      options.add("-Dmedallion.services=fast");
    }
    return options;
  }

  private boolean hasEnded(String job) {
    return flink.rest().jobState(jobs.id(job)).filter(ENDED::contains).isPresent();
  }

  private long livingTaskManagers() {
    return flink.taskManagers().stream().filter(LaunchedProcess::isAlive).count();
  }

  private void resume(List<String> names) {
    sideBySide(names, job -> submit(job, lastCheckpoint(job)));
  }

  /** Each client is a process that mostly starts. */
  private static void sideBySide(List<String> names, Consumer<String> submit) {
    try {
      CompletableFuture.allOf(
              names.stream()
                  .map(job -> CompletableFuture.runAsync(() -> submit.accept(job)))
                  .toArray(CompletableFuture[]::new))
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof CommandFailedException failed) {
        throw failed;
      }
      throw e;
    }
  }

  /**
   * The newest of the newest submission that has one; one that ended before its first goes on from
   * what it was given, which may be a savepoint.
   */
  private List<String> lastCheckpoint(String job) {
    List<Submission> submissions;
    synchronized (history) {
      submissions = List.copyOf(history.getOrDefault(job, new ArrayDeque<>()));
    }
    for (Submission submission : submissions) {
      List<String> retained = checkpoints.of(submission.id());
      if (!retained.isEmpty()) {
        return List.of(retained.get(retained.size() - 1));
      }
      if (!submission.from().isEmpty()) {
        return submission.from();
      }
    }
    return List.of();
  }

  private void startFlink() {
    Path folder = directory.resolve("flink-" + (clusters.size() + 1));
    flink =
        FlinkCluster.start(
            installation,
            folder,
            settings(),
            canJump ? clock.environment() : Map.of(),
            TASK_MANAGERS);
    clusters.add(flink);
    cli =
        new FlinkCli(
            installation,
            flink.address(),
            flink.settings(),
            Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()),
            folder);
    jobs = new PipelineJobs(cli, flink.rest(), jars, pipeline, warehouse);
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("execution.checkpointing.interval", CHECKPOINT_INTERVAL.toMillis() + "ms");
    settings.put("execution.checkpointing.min-pause", "500ms");
    settings.put("execution.checkpointing.timeout", CHECKPOINT_TIMEOUT.toMillis() + "ms");
    settings.put("execution.checkpointing.dir", checkpoints.folder().toUri().toString());
    settings.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("savepoints").toUri().toString());
    settings.put("heartbeat.interval", "1s");
    settings.put("heartbeat.timeout", HEARTBEAT_TIMEOUT.toMillis() + "ms");
    settings.put("restart-strategy.type", "exponential-delay");
    settings.put("restart-strategy.exponential-delay.initial-backoff", "500ms");
    settings.put("restart-strategy.exponential-delay.max-backoff", "3s");
    settings.put("restart-strategy.exponential-delay.reset-backoff-threshold", "10s");
    // Faults come for hours: no number of restarts is too many.
    settings.put(
        "restart-strategy.exponential-delay.attempts-before-reset-backoff",
        String.valueOf(Integer.MAX_VALUE));
    settings.put("medallion.sink", sink.label());
    // For all jobs and a copy of one, of parallelism 2; the memory is divided by it.
    settings.put("taskmanager.numberOfTaskSlots", String.valueOf(2 * (jars.size() + 1)));
    settings.put("taskmanager.memory.process.size", "2600m");
    String options =
        "-Dmedallion.faults=%s %s"
            .formatted(faults.path(), String.join(" ", LaunchedProcess.SHORT_LIVED));
    settings.put("env.java.opts.jobmanager", options);
    settings.put("env.java.opts.taskmanager", options);
    return settings;
  }

  /**
   * A job as it was submitted once.
   *
   * @param from the savepoint or checkpoint it was given; none or one
   */
  private record Submission(String id, List<String> from) {}
}
