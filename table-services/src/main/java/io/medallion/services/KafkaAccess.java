package io.medallion.services;

import io.medallion.io.ledger.Audit;
import io.medallion.schemas.AnyVariable;
import io.medallion.schemas.PipelineDefinition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of a command that asks the Kafka of a pipeline, where it is there. */
public final class KafkaAccess {
  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";

  @ArgGroup private Choice choice = new Choice();

  /** One excludes the other. */
  private static final class Choice {
    @Option(
        names = "--bootstrap-servers",
        paramLabel = "HOST:PORT[,...]",
        description = "Kafka's brokers. Default: what source.kafka of pipeline.yaml says.")
    private String bootstrapServers;

    @Option(
        names = "--without-kafka",
        description = "Reads the tables alone; what only Kafka knows is left out.")
    private boolean withoutKafka;
  }

  /**
   * What the pipeline may ask for; nothing of it is needed where Kafka is not asked.
   *
   * @param variables of this process
   */
  public Map<String, String> environment(Map<String, String> variables) {
    Map<String, String> known =
        choice.withoutKafka ? new AnyVariable(variables) : new HashMap<>(variables);
    if (choice.bootstrapServers != null) {
      known.putIfAbsent("KAFKA_BOOTSTRAP_SERVERS", choice.bootstrapServers);
    }
    return known;
  }

  /** Kafka client properties, or empty where Kafka is not asked. */
  public Optional<Map<String, String>> client(PipelineDefinition pipeline) {
    if (choice.withoutKafka) {
      return Optional.empty();
    }
    Map<String, String> client = new HashMap<>(pipeline.source().kafka());
    if (choice.bootstrapServers != null) {
      client.put(BOOTSTRAP_SERVERS, choice.bootstrapServers);
    }
    return Optional.of(client);
  }

  /** The audit of a pipeline, with Kafka's offsets where Kafka is asked. */
  public Audit audit(PipelineDefinition pipeline, String warehouse) {
    return client(pipeline)
        .map(client -> new Audit(pipeline, warehouse, client))
        .orElseGet(() -> Audit.withoutKafka(pipeline, warehouse));
  }
}
