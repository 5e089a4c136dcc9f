package io.medallion.services.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.medallion.services.CommandFailedException;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClusterIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));

  @TempDir private Path directory;

  @Test
  void aKilledTaskManagerIsReplacedAndAStoppedClusterLeavesNoProcess() throws IOException {
    // Given a running cluster with a job, submitted through Flink's own client
    FlinkCluster cluster =
        FlinkCluster.start(
            INSTALLATION,
            directory.resolve("flink"),
            Map.of(
                "taskmanager.memory.process.size", "1700m", "taskmanager.numberOfTaskSlots", "1"));
    ProcessHandle jobManager = handle(cluster.jobManager());
    ProcessHandle killed = handle(cluster.taskManagers().get(0));
    ProcessHandle successor;
    try (cluster) {
      FlinkCli flink =
          new FlinkCli(
              INSTALLATION,
              cluster.address(),
              cluster.settings(),
              Map.of("EVENTS_PER_SECOND", "10"),
              directory);
      String jobId = flink.submit(jarOf(CountJob.class, CountJob.Same.class), "--parallelism", "1");
      awaitRunning(cluster, jobId);

      // When its TaskManager is killed and another one started
      cluster.taskManagers().get(0).kill();
      successor = handle(cluster.startTaskManager());
      cluster.awaitSlots();

      // Then the job goes on there, and stops with a savepoint
      awaitRunning(cluster, jobId);
      await()
          .atMost(40, SECONDS)
          // The JobManager may still hold the killed one for alive.
          .ignoreException(CommandFailedException.class)
          .untilAsserted(() -> assertThat(flink.stop(jobId)).contains("savepoint"));
    }
    assertThat(List.of(jobManager, killed, successor)).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aBrokerKeepsTheEventsSentToItOverARestart() throws IOException {
    KafkaBroker broker = KafkaBroker.start(INSTALLATION, directory.resolve("kafka"), List.of());
    ProcessHandle first = handle(broker.process());
    ProcessHandle second;
    try (broker;
        KafkaTopics topics =
            new KafkaTopics(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      topics.createIfMissing("events", 1);
      Path file =
          Files.writeString(directory.resolve("events.jsonl"), "{\"id\": 1}\n{\"id\": 2}\n");
      int exitCode =
          new CommandLine(new ProduceCommand())
              .execute(
                  "--bootstrap-servers",
                  broker.bootstrapServers(),
                  "--topic",
                  "events",
                  "--file",
                  file.toString(),
                  "--key",
                  "id");
      assertThat(exitCode).isZero();

      broker.process().kill();
      broker.restart();

      second = handle(broker.process());
      assertThat(topics.endOffsets(List.of("events"))).isEqualTo(Map.of("events-0", 2L));
    }
    assertThat(List.of(first, second)).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aProcessThatEndsByItselfIsReportedWithTheEndOfItsLog() {
    assertThatThrownBy(
            () ->
                FlinkCluster.start(
                    INSTALLATION, directory, Map.of("jobmanager.memory.process.size", "1m")))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining(
            "Flink could not compute the memory of its processes from config.yaml")
        .hasMessageContaining("IllegalConfigurationException");
  }

  private static void awaitRunning(FlinkCluster cluster, String jobId) {
    await()
        .atMost(30, SECONDS)
        .untilAsserted(() -> assertThat(cluster.rest().runs(jobId)).isTrue());
  }

  private static ProcessHandle handle(LaunchedProcess process) {
    return ProcessHandle.of(process.pid()).orElseThrow();
  }

  private Path jarOf(Class<?>... classes) throws IOException {
    Path jar = directory.resolve("job.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, classes[0].getName());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Class<?> one : classes) {
        String path = one.getName().replace('.', '/') + ".class";
        try (InputStream bytes = one.getClassLoader().getResourceAsStream(path)) {
          out.putNextEntry(new JarEntry(path));
          bytes.transferTo(out);
        }
      }
    }
    return jar;
  }
}
