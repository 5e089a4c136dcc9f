package io.medallion.services.sample;

import io.medallion.services.CommandFailedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a Kafka cluster: whether they are there, and where they end. */
public final class KafkaTopics implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final Admin admin;
  private final String bootstrapServers;

  /**
   * @param client Kafka client properties, {@code bootstrap.servers} among them
   */
  public KafkaTopics(Map<String, String> client) {
    this.bootstrapServers = client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
    Map<String, Object> properties = new HashMap<>(client);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    try {
      this.admin = Admin.create(properties);
    } catch (KafkaException e) {
      throw unreachable(e.getCause() == null ? e : e.getCause());
    }
  }

  /** Fails when Kafka cannot be reached or does not have the topic. */
  public void require(String topic) {
    if (partitions(topic).isEmpty()) {
      throw new CommandFailedException(
          "Topic %s does not exist at %s: create it with `kafka-topics.sh --create --topic %s --partitions 2 --bootstrap-server %s`, or correct --topic."
              .formatted(topic, bootstrapServers, topic, bootstrapServers));
    }
  }

  /** Creates the topic unless it exists; its partitions stay as they are then. */
  public void createIfMissing(String topic, int partitions) {
    try {
      get(
          admin
              .createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
              .all());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw unreachable(e.getCause());
      }
    }
  }

  /** Adds one partition to a topic. */
  public void addPartition(String topic) {
    int partitions =
        partitions(topic).map(description -> description.partitions().size()).orElse(0);
    try {
      get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions + 1))).all());
    } catch (ExecutionException e) {
      throw unreachable(e.getCause());
    }
  }

  /** Where each partition ends: {@code "orders-0" -> 42}, the offset the next event will get. */
  public Map<String, Long> endOffsets(List<String> topics) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    topics.forEach(
        topic ->
            partitions(topic)
                .ifPresent(
                    description ->
                        description
                            .partitions()
                            .forEach(
                                partition ->
                                    latest.put(
                                        new TopicPartition(topic, partition.partition()),
                                        OffsetSpec.latest()))));
    try {
      return get(admin.listOffsets(latest).all()).entrySet().stream()
          .collect(
              Collectors.toMap(
                  end -> end.getKey().toString(),
                  end -> end.getValue().offset(),
                  (one, other) -> one,
                  TreeMap::new));
    } catch (ExecutionException e) {
      throw unreachable(e.getCause());
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }

  private Optional<TopicDescription> partitions(String topic) {
    try {
      return Optional.of(get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw unreachable(e.getCause());
    }
  }

  private <T> T get(KafkaFuture<T> future) throws ExecutionException {
    try {
      return future.get(TIMEOUT.toSeconds() + 5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while asking Kafka.", e);
    }
  }

  private CommandFailedException unreachable(Throwable cause) {
    return new CommandFailedException(
        "Kafka at %s does not answer (%s: %s): expected a broker there; correct the address, or the security properties if it asks for any."
            .formatted(bootstrapServers, cause.getClass().getSimpleName(), cause.getMessage()),
        cause);
  }
}
