package io.medallion.bronze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.testing.Broker;
import io.medallion.testing.PipelineCopy;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the job says when it must not start; it says it within 30 seconds and creates nothing. */
class RefusedStartIT {
  private static final String SECRET = "hunter2";

  @TempDir Path folder;

  @Test
  @Timeout(30)
  void aBrokerThatDoesNotAnswerIsNamed() throws Exception {
    // Given
    String address = "127.0.0.1:" + closedPort();

    // When
    InvalidConfigurationException refusal = refusalOf(pipeline(address));

    // Then
    assertThat(refusal).hasMessage(unreachable(address));
    assertThat(folder.resolve("lake")).doesNotExist();
  }

  @Test
  void aTopicThatIsNotThereIsNamed() throws Exception {
    try (Broker broker = new Broker(folder)) {
      // When
      InvalidConfigurationException refusal = refusalOf(pipeline(broker.address()));

      // Then
      assertThat(refusal)
          .hasMessage(
              "Pipeline transactions cannot be used, 1 problem:\n"
                  + "  - pipeline.yaml: source.topics: found transactions, expected a topic of the"
                  + " broker at %1$s. Create it: kafka-topics.sh --bootstrap-server %1$s --create"
                      .formatted(broker.address())
                  + " --topic transactions --partitions 2");
      assertThat(folder.resolve("lake")).doesNotExist();
    }
  }

  @Test
  @Timeout(30)
  void aSecretDoesNotShowWhenTheBrokerDoesNotAnswer() throws Exception {
    // Given
    String address = "127.0.0.1:" + closedPort();
    String login =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"me\""
            + " password=\""
            + SECRET
            + "\";";

    // When
    InvalidConfigurationException refusal = refusalOf(secured(address, login));

    // Then
    assertThat(refusal).hasMessage(unreachable(address));
    assertThat(allMessages(refusal)).doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "PlainLoginModule hunter2",
        "org.apache.kafka.common.security.plain.PlainLoginModule required hunter2;",
        "org.apache.kafka.common.security.plain.PlainLoginModule required password=hunter2",
        "org.apache.kafka.common.security.plain.PlainLoginModule required password= hunter2 x;",
        "NoSuchLoginModule required password=\"hunter2\";"
      })
  void aSecretDoesNotShowWhenItIsWrittenWrongly(String login) throws Exception {
    // When
    InvalidConfigurationException refusal = refusalOf(secured("127.0.0.1:1", login));

    // Then
    assertThat(refusal)
        .hasMessage(
            "Pipeline transactions cannot be used, 1 problem:\n"
                + "  - pipeline.yaml: source.kafka.bootstrap.servers: found 127.0.0.1:1, expected"
                + " a Kafka broker that answers (KafkaException: Failed to create new"
                + " NetworkClient). Start the broker, or correct the address or the security"
                + " settings.");
    assertThat(allMessages(refusal).toLowerCase(Locale.ROOT)).doesNotContain(SECRET);
    assertThat(folder.resolve("lake")).doesNotExist();
  }

  private static String unreachable(String address) {
    return "Pipeline transactions cannot be used, 1 problem:\n"
        + "  - pipeline.yaml: source.kafka.bootstrap.servers: found "
        + address
        + ", expected a Kafka broker that answers (TimeoutException: Timed out waiting for a node"
        + " assignment. Call: listTopics). Start the broker, or correct the address or the"
        + " security settings.";
  }

  private InvalidConfigurationException refusalOf(PipelineDefinition pipeline) {
    Configuration conf = new Configuration();
    conf.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    return catchThrowableOfType(
        InvalidConfigurationException.class,
        () ->
            IngestBronzeJob.JOB.define(
                StreamExecutionEnvironment.getExecutionEnvironment(conf),
                pipeline,
                new Lakehouse(folder.resolve("lake").toString(), pipeline.name())));
  }

  private static String allMessages(Throwable failure) {
    StringBuilder messages = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      messages.append(at).append('\n');
    }
    return messages.toString();
  }

  private static PipelineDefinition pipeline(String address) {
    return PipelineFolder.load(
        "../pipelines/transactions", Map.of("KAFKA_BOOTSTRAP_SERVERS", address));
  }

  /** The shipped pipeline with a login from the environment. */
  private PipelineDefinition secured(String address, String login) throws IOException {
    PipelineCopy copy =
        PipelineCopy.in(folder)
            .change(
                "pipeline.yaml",
                "    bootstrap.servers:",
                String.join(
                    "\n    ",
                    "    security.protocol: SASL_PLAINTEXT",
                    "sasl.mechanism: PLAIN",
                    "sasl.jaas.config: ${LOGIN}",
                    "bootstrap.servers:"));
    return PipelineFolder.load(
        copy.folder().toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", address, "LOGIN", login));
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
