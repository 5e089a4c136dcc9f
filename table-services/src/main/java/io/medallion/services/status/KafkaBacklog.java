package io.medallion.services.status;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What waits in Kafka: the records of committed transactions behind where bronze stands. It asks as
 * a consumer without a group, which leaves nothing behind.
 */
final class KafkaBacklog implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  /** Of a partition one record is wanted; at least one comes, however large. */
  private static final int FETCH_BYTES = 1;

  private final Consumer<byte[], byte[]> kafka;
  private final List<String> topics;

  /**
   * @param client Kafka client properties, {@code bootstrap.servers} among them
   * @throws org.apache.kafka.common.KafkaException if they cannot be used
   */
  KafkaBacklog(Map<String, String> client, List<String> topics) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    kafka =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.topics = topics;
  }

  /**
   * What is behind a position of bronze. Offsets are counted from the first record on: there may be
   * some without a record among them.
   *
   * @throws org.apache.kafka.common.KafkaException if Kafka does not answer
   */
  Waiting behind(Progress bronze) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      for (PartitionInfo partition : kafka.partitionsFor(topic, PATIENCE)) {
        partitions.add(new TopicPartition(topic, partition.partition()));
      }
    }
    Map<TopicPartition, Long> begins = kafka.beginningOffsets(partitions, PATIENCE);
    Map<TopicPartition, Long> ends = new HashMap<>(kafka.endOffsets(partitions, PATIENCE));
    ends.entrySet()
        .removeIf(end -> end.getValue() <= next(bronze, end.getKey(), begins.get(end.getKey())));
    kafka.assign(ends.keySet());
    // What is assigned again is still as it was left.
    kafka.resume(ends.keySet());
    ends.keySet()
        .forEach(
            partition -> kafka.seek(partition, next(bronze, partition, begins.get(partition))));
    return firstRecords(ends);
  }

  private static long next(Progress bronze, TopicPartition partition, long begin) {
    long next = bronze.next(partition.toString());
    return next == Span.START ? begin : Math.max(next, begin);
  }

  private Waiting firstRecords(Map<TopicPartition, Long> ends) {
    long records = 0;
    Optional<Instant> since = Optional.empty();
    Set<TopicPartition> asked = new HashSet<>(ends.keySet());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!asked.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("No answer for " + asked);
      }
      var polled = kafka.poll(POLL);
      for (TopicPartition partition : Set.copyOf(asked)) {
        List<ConsumerRecord<byte[], byte[]>> first = polled.records(partition);
        if (!first.isEmpty()) {
          records += ends.get(partition) - first.get(0).offset();
          Instant time = Instant.ofEpochMilli(first.get(0).timestamp());
          since = Optional.of(since.filter(time::isAfter).orElse(time));
        } else if (kafka.position(partition, PATIENCE) < ends.get(partition)) {
          continue;
        }
        asked.remove(partition);
        kafka.pause(Set.of(partition));
      }
    }
    return new Waiting(records, 0, since);
  }

  @Override
  public void close() {
    kafka.close(Duration.ofSeconds(1));
  }
}
