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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What waits in Kafka: the records of committed transactions behind where bronze stands. It asks as
 * a consumer without a group, which leaves nothing behind.
 */
final class KafkaBacklog implements AutoCloseable {
  /** Whoever scrapes waits for the answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration POLL = Duration.ofMillis(200);

  private final Consumer<byte[], byte[]> kafka;
  private final List<String> topics;

  /** The first record of each partition that had one at the last look. */
  private Map<TopicPartition, Head> heads = new HashMap<>();

  private Map<TopicPartition, Long> ends = Map.of();
  private Optional<Instant> lastLook = Optional.empty();

  /**
   * @param since when it came, as far as is known
   */
  private record Head(long offset, Instant since) {}

  KafkaBacklog(Consumer<byte[], byte[]> kafka, List<String> topics) {
    this.kafka = kafka;
    this.topics = topics;
  }

  /**
   * Does not connect yet.
   *
   * @param client Kafka client properties, {@code bootstrap.servers} among them
   * @throws KafkaException if they cannot be used
   */
  static KafkaBacklog of(Map<String, String> client, List<String> topics) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    // Of a partition one record is wanted, at once; at least one comes, however large.
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1");
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, "1");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return new KafkaBacklog(
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        topics);
  }

  /**
   * What is behind a position of bronze. Offsets are counted from the first record on: there may be
   * some without a record among them.
   *
   * @throws KafkaException if Kafka does not answer, or does not have what bronze has read
   */
  Waiting behind(Progress bronze, Instant now) {
    List<TopicPartition> partitions = partitions();
    Map<TopicPartition, Long> begins = kafka.beginningOffsets(partitions, PATIENCE);
    Map<TopicPartition, Long> newEnds = kafka.endOffsets(partitions, PATIENCE);
    Map<TopicPartition, Long> next = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long position = bronze.next(partition.toString());
      long end = newEnds.get(partition);
      if (position > end) {
        throw new KafkaException(
            "%s ends at offset %d, bronze has read up to %d: another topic of that name, or records were lost"
                .formatted(partition, end, position));
      }
      if (position < end) {
        long begin = begins.get(partition);
        next.put(partition, position == Span.START ? begin : Math.max(position, begin));
      }
    }
    kafka.assign(next.keySet());
    // What is assigned again is still as it was left.
    kafka.resume(next.keySet());
    next.forEach(kafka::seek);
    Waiting waiting = firstRecords(next.keySet(), newEnds, now);
    ends = newEnds;
    lastLook = Optional.of(now);
    return waiting;
  }

  private List<TopicPartition> partitions() {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      List<PartitionInfo> found = kafka.partitionsFor(topic, PATIENCE);
      if (found == null || found.isEmpty()) {
        throw new KafkaException("there is no topic " + topic);
      }
      found.forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
    }
    return partitions;
  }

  private Waiting firstRecords(
      Set<TopicPartition> behind, Map<TopicPartition, Long> newEnds, Instant now) {
    long records = 0;
    Map<TopicPartition, Head> found = new HashMap<>();
    Set<TopicPartition> asked = new HashSet<>(behind);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!asked.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("no answer for " + asked);
      }
      var polled = kafka.poll(POLL);
      for (TopicPartition partition : Set.copyOf(asked)) {
        List<ConsumerRecord<byte[], byte[]>> first = polled.records(partition);
        if (!first.isEmpty()) {
          records += newEnds.get(partition) - first.get(0).offset();
          found.put(partition, head(partition, first.get(0), now));
        } else if (kafka.position(partition, PATIENCE) < newEnds.get(partition)) {
          continue;
        }
        asked.remove(partition);
        kafka.pause(Set.of(partition));
      }
    }
    heads = found;
    return new Waiting(
        records, 0, found.values().stream().map(Head::since).min(Instant::compareTo));
  }

  /**
   * A timestamp is when a record was made, if it is right. What was not there at the last look has
   * come since then; what says that it is of the future has come when it was seen first.
   */
  private Head head(TopicPartition partition, ConsumerRecord<byte[], byte[]> record, Instant now) {
    Head before = heads.get(partition);
    if (before != null && before.offset() == record.offset()) {
      return before;
    }
    Instant earliest =
        record.offset() >= ends.getOrDefault(partition, 0L)
            ? lastLook.orElse(Instant.EPOCH)
            : Instant.EPOCH;
    Instant made = Instant.ofEpochMilli(record.timestamp());
    boolean says = record.timestamp() > 0 && !made.isAfter(now);
    Instant since = says ? made : now;
    return new Head(record.offset(), since.isBefore(earliest) ? earliest : since);
  }

  @Override
  public void close() {
    kafka.close(Duration.ofSeconds(1));
  }
}
