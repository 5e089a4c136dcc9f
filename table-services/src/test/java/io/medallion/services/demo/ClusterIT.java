package io.medallion.services.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.services.CommandFailedException;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClusterIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));

  @TempDir private Path directory;

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

  private static ProcessHandle handle(LaunchedProcess process) {
    return ProcessHandle.of(process.pid()).orElseThrow();
  }
}
