package io.medallion.services.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.demo.FlinkCluster;
import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.sample.KafkaTopics;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.PipelineCopy;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The shipped job on processes as a user has them. */
@Tag("processes")
class RunIT {
  private static final long EVENTS = 3;

  @TempDir private Path directory;

  @Test
  void oneJobRunsOnAClusterThatIsThere() throws Exception {
    System.setProperty("medallion.home", Path.of("..").toRealPath().toString());
    Installation installation = Installation.current();
    String warehouse = directory.resolve("lake").toUri().toString();
    PipelineCopy copy =
        PipelineCopy.in(directory)
            .change(
                "silver.sql",
                "FROM bronze",
                ", CHAR_LENGTH(description) / CAST(amount AS INT) AS ratio FROM bronze");
    try (KafkaBroker broker =
            KafkaBroker.start(installation, directory.resolve("kafka"), List.of());
        FlinkCluster flink =
            FlinkCluster.start(installation, directory.resolve("flink"), Map.of());
        KafkaTopics topics =
            new KafkaTopics(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      Map<String, String> environment =
          Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
      PipelineDefinition pipeline = PipelineFolder.load(copy.folder().toString(), environment);
      topics.createIfMissing("transactions", 1);
      produce(
          broker,
          """
          {"transaction_id":"T1","update_type":"NEW","customer_id":"c","amount":5.00,"product_category":"toys","region":"EU","timestamp":1700006400000,"description":"first"}
          {"transaction_id":"T1","update_type":"CORRECTION","amount":0.00,"timestamp":1700006400001}
          {"transaction_id":"T2","update_type":"NEW","customer_id":"c","amount":5.00,"product_category":"toys","region":"EU","timestamp":1700006400000,"description":"first"}
          """);

      // When
      int exitCode =
          new CommandLine(new RunCommand(environment))
              .execute(
                  "--fused",
                  "--flink",
                  flink.address(),
                  "--pipeline",
                  copy.folder().toString(),
                  "--warehouse",
                  warehouse);

      // Then the events are in gold
      assertThat(exitCode).isZero();
      Drained.intoGold(warehouse, pipeline, EVENTS);
      // And what their records cannot give was found out by the planner of a TaskManager
      assertThat(
              new HudiReader(warehouse)
                  .query("SELECT transaction_id, amount, ratio FROM silver.transactions"))
          .containsExactlyInAnyOrder(
              Row.of("T1", new BigDecimal("0.00"), null), Row.of("T2", new BigDecimal("5.00"), 1));
    }
  }

  private void produce(KafkaBroker broker, String events) throws Exception {
    Path file = Files.writeString(directory.resolve("events.jsonl"), events);
    assertThat(
            new CommandLine(new ProduceCommand())
                .execute(
                    "--bootstrap-servers",
                    broker.bootstrapServers(),
                    "--topic",
                    "transactions",
                    "--file",
                    file.toString(),
                    "--key",
                    "transaction_id"))
        .isZero();
  }
}
