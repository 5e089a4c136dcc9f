package io.medallion.io.ledger;

import io.medallion.io.Span;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.Problem;
import io.medallion.schemas.SourceDefinition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What Kafka says of a pipeline's topics: where each partition begins and ends for a reader of
 * committed records, and at which offsets there are records.
 */
final class KafkaOffsets implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Records up to so far before what is asked for are read over; a seek would cost more. */
  private static final long NEAR = 10_000;

  private final Consumer<byte[], byte[]> kafka;
  private final String servers;
  private final Map<String, TopicPartition> partitions = new TreeMap<>();
  private final Map<TopicPartition, Long> beginnings = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  /** Offsets of records from the last poll that are still to be looked at, ascending. */
  private final Deque<Long> records = new ArrayDeque<>();

  private long position = -1;

  /** Takes the parts of a range of offsets, in ascending order. */
  interface Parts {
    /** There is a record at each of these offsets. */
    void records(Span offsets);

    /** There is no record at any of these offsets. */
    void none(Span offsets);

    /** Kafka cannot say: it has deleted what was there, or ends before. */
    void unknown(Span offsets);
  }

  KafkaOffsets(Consumer<byte[], byte[]> kafka, String servers, List<String> topics) {
    this.kafka = kafka;
    this.servers = servers;
    ask(
        () -> {
          for (String topic : topics) {
            List<PartitionInfo> found = kafka.partitionsFor(topic, PATIENCE);
            if (found == null || found.isEmpty()) {
              throw cannotBeUsed(
                  "source.topics",
                  topic,
                  "a topic of the broker at " + servers,
                  "Correct the address or the topic; --without-kafka audits the tables alone.");
            }
            found.forEach(
                partition -> {
                  TopicPartition key = new TopicPartition(topic, partition.partition());
                  partitions.put(key.toString(), key);
                });
          }
          beginnings.putAll(kafka.beginningOffsets(partitions.values(), PATIENCE));
          ends.putAll(kafka.endOffsets(partitions.values(), PATIENCE));
        });
  }

  /**
   * @throws InvalidConfigurationException if Kafka does not answer, or does not have the topics
   */
  static KafkaOffsets connect(SourceDefinition source, Map<String, String> kafka) {
    Properties properties = new Properties();
    properties.putAll(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    String servers = kafka.getOrDefault(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "");
    Consumer<byte[], byte[]> consumer;
    try {
      consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException failure) {
      throw unreachable(servers, failure.getCause() == null ? failure : failure.getCause());
    }
    try {
      return new KafkaOffsets(consumer, servers, source.topics());
    } catch (RuntimeException failure) {
      consumer.close(Duration.ZERO);
      throw failure;
    }
  }

  /** The partitions of all topics, {@code "topic-partition"}. */
  Collection<String> partitions() {
    return partitions.keySet();
  }

  /** The offsets that Kafka has: the first one that is not deleted yet, and the next one. */
  Span available(String partition) {
    TopicPartition key = partitions.get(partition);
    return key == null ? new Span(0, 0) : new Span(beginnings.get(key), ends.get(key));
  }

  /**
   * Looks at which of these offsets there are records, ranges of a partition in ascending order.
   */
  void look(String partition, OffsetSet.Ranges ranges, Parts parts) {
    TopicPartition key = partitions.get(partition);
    if (key != null) {
      kafka.assign(List.of(key));
    }
    position = -1;
    records.clear();
    for (var range = ranges.next(); range.isPresent(); range = ranges.next()) {
      look(key, range.get(), parts);
    }
  }

  private void look(TopicPartition partition, Span range, Parts parts) {
    Span available = partition == null ? new Span(0, 0) : available(partition.toString());
    long first = Math.min(Math.max(range.first(), available.first()), range.next());
    long next = Math.max(Math.min(range.next(), available.next()), first);
    tell(parts::unknown, range.first(), first);
    try {
      for (long offset = first; offset < next; ) {
        long record = firstRecord(partition, offset, next);
        tell(parts::none, offset, record);
        long end = record;
        while (end < next && firstRecord(partition, end, next) == end) {
          end++;
        }
        tell(parts::records, record, end);
        offset = end;
        first = end;
      }
    } catch (OffsetOutOfRangeException deletedMeanwhile) {
      ask(() -> beginnings.putAll(kafka.beginningOffsets(List.of(partition), PATIENCE)));
      position = -1;
      records.clear();
      look(partition, new Span(first, range.next()), parts);
      return;
    }
    tell(parts::unknown, next, range.next());
  }

  private static void tell(java.util.function.Consumer<Span> part, long first, long next) {
    if (first < next) {
      part.accept(new Span(first, next));
    }
  }

  /** The offset of the first record from here on, or the limit if there is none before it. */
  private long firstRecord(TopicPartition partition, long from, long limit) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      while (!records.isEmpty() && records.peek() < from) {
        records.remove();
      }
      if (!records.isEmpty()) {
        return Math.min(records.peek(), limit);
      }
      if (position >= limit) {
        return limit;
      }
      if (position < 0 || from - position > NEAR) {
        kafka.seek(partition, from);
        position = from;
      }
      long before = position;
      ask(
          () -> {
            ConsumerRecords<byte[], byte[]> polled = kafka.poll(Duration.ofSeconds(1));
            for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
              records.add(record.offset());
            }
            position = kafka.position(partition, PATIENCE);
          });
      if (position > before) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw unreachable(
            servers,
            new KafkaException(
                "no answer for %s from offset %d on".formatted(partition, position)));
      }
    }
  }

  private void ask(Runnable question) {
    try {
      question.run();
    } catch (OffsetOutOfRangeException known) {
      throw known;
    } catch (KafkaException failure) {
      throw unreachable(servers, failure);
    }
  }

  private static InvalidConfigurationException unreachable(String servers, Throwable failure) {
    String message = failure.getMessage();
    return cannotBeUsed(
        "source.kafka.bootstrap.servers",
        servers,
        "a Kafka broker that answers (%s%s)"
            .formatted(
                failure.getClass().getSimpleName(),
                message == null ? "" : ": " + message.lines().findFirst().orElse("")),
        "Start the broker, or correct the address or the security settings; --without-kafka audits"
            + " the tables alone.");
  }

  private static InvalidConfigurationException cannotBeUsed(
      String key, String value, String expected, String remedy) {
    return new InvalidConfigurationException(
        "Kafka", List.of(new Problem("pipeline.yaml", key, value, expected, remedy)));
  }

  @Override
  public void close() {
    kafka.close(Duration.ofSeconds(1));
  }
}
