package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What must be in bronze: every offset of a topic that holds a record of no aborted transaction, as
 * a reader of Kafka sees it that shares nothing with the jobs.
 */
final class FollowKafka implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int FETCH_BYTES = 1 << 20;
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String topic;
  private final Map<String, Object> client;
  private final Map<String, BitSet> records = new TreeMap<>();
  private final Map<String, Long> next = new HashMap<>();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean closed;

  FollowKafka(Map<String, String> client, String topic) {
    this.topic = topic;
    this.client = new HashMap<>(client);
    this.client.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    this.client.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // Nobody waits for a single record: few requests, each with many of them.
    this.client.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_BYTES);
    this.client.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, Math.toIntExact(POLL.toMillis()));
    // What it knows of a topic, a client keeps for five minutes by default.
    this.client.put(
        ConsumerConfig.METADATA_MAX_AGE_CONFIG, Math.toIntExact(LOOK_FOR_PARTITIONS.toMillis()));
    this.thread = new Thread(this::run, "follow-kafka");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The offsets of records below where each partition is asked for, waited for when they were not
   * read yet.
   */
  Map<String, BitSet> below(Map<String, Long> ends) {
    boolean there =
        Wait.until(
            PATIENCE,
            () -> {
              requireHealthy();
              synchronized (records) {
                return ends.entrySet().stream()
                    .allMatch(end -> next.getOrDefault(end.getKey(), 0L) >= end.getValue());
              }
            });
    synchronized (records) {
      if (!there) {
        throw new CommandFailedException(
            "Topic %s was read up to %s, expected %s after %d s."
                .formatted(topic, new TreeMap<>(next), new TreeMap<>(ends), PATIENCE.toSeconds()));
      }
      Map<String, BitSet> below = new TreeMap<>();
      ends.forEach(
          (partition, end) ->
              below.put(
                  partition,
                  records.getOrDefault(partition, new BitSet()).get(0, Math.toIntExact(end))));
      return below;
    }
  }

  /**
   * Where the records of each partition end, below where the partition does: behind its last record
   * it may have an aborted transaction and the mark of its end, which no reader sees. A partition
   * without a record is left out.
   */
  Map<String, Long> recordsEnd(Map<String, Long> ends) {
    Map<String, Long> recordsEnd = new TreeMap<>();
    below(ends)
        .forEach(
            (partition, offsets) -> {
              if (!offsets.isEmpty()) {
                recordsEnd.put(partition, (long) offsets.length());
              }
            });
    return recordsEnd;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireHealthy() {
    if (failure.get() != null) {
      throw new IllegalStateException("Could not follow topic " + topic, failure.get());
    }
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      long looked = System.nanoTime() - LOOK_FOR_PARTITIONS.toNanos();
      while (!closed) {
        if (System.nanoTime() - looked >= LOOK_FOR_PARTITIONS.toNanos()) {
          looked = System.nanoTime();
          assign(consumer);
        }
        read(consumer);
      }
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void assign(KafkaConsumer<byte[], byte[]> consumer) {
    List<PartitionInfo> partitions;
    try {
      partitions = consumer.partitionsFor(topic, POLL.multipliedBy(5));
    } catch (org.apache.kafka.common.errors.TimeoutException brokerIsDown) {
      return;
    }
    Set<TopicPartition> all = new HashSet<>();
    partitions.forEach(
        partition -> all.add(new TopicPartition(partition.topic(), partition.partition())));
    if (all.equals(consumer.assignment())) {
      return;
    }
    Set<TopicPartition> added = new HashSet<>(all);
    added.removeAll(consumer.assignment());
    consumer.assign(all);
    consumer.seekToBeginning(added);
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    var read = consumer.poll(POLL);
    Map<String, Long> positions = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      try {
        positions.put(partition.toString(), consumer.position(partition, POLL));
      } catch (org.apache.kafka.common.errors.TimeoutException brokerIsDown) {
        // It is asked for again in the next round.
      }
    }
    synchronized (records) {
      for (ConsumerRecord<byte[], byte[]> one : read) {
        records
            .computeIfAbsent(one.topic() + "-" + one.partition(), name -> new BitSet())
            .set(Math.toIntExact(one.offset()));
      }
      next.putAll(positions);
    }
  }
}
