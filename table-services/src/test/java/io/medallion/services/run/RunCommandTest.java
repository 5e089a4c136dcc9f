package io.medallion.services.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.Ran;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunCommandTest {
  private static final Map<String, String> KAFKA = Map.of("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");

  @Test
  void aClusterThatDoesNotAnswerIsNamed() {
    // When nobody listens at the port
    Ran ran = run(KAFKA, "--flink", "127.0.0.1:1");

    // Then
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .contains(
            "Flink at 127.0.0.1:1 does not answer or has no TaskManager: expected the REST address of a Flink 1.20 cluster");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void aPipelineThatCannotBeUsedIsRefusedBeforeTheClusterIsAsked() {
    // When
    Ran ran = run(Map.of(), "--flink", "127.0.0.1:1");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("KAFKA_BOOTSTRAP_SERVERS").doesNotContain("Flink at");
  }

  @Test
  void aParallelismOfNothingIsRefused() {
    // When
    Ran ran = run(KAFKA, "--parallelism", "0");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith("--parallelism must be 1 or more.");
  }

  private static Ran run(Map<String, String> environment, String... more) {
    return Ran.onTables(
        new RunCommand(environment), Path.of("../pipelines/transactions"), "file:///none", more);
  }
}
