package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.sample.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowKafkaIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));

  @TempDir private Path directory;

  @Test
  void abortedTransactionsAreNoRecords() {
    try (KafkaBroker broker = KafkaBroker.start(INSTALLATION, directory, List.of());
        KafkaTopics topics =
            new KafkaTopics(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      topics.createIfMissing("events", 2);
      try (KafkaProducer<byte[], byte[]> producer =
          producer(broker, Map.of("transactional.id", "test"))) {
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, 0, 2);
        producer.commitTransaction();
        producer.beginTransaction();
        send(producer, 0, 3);
        send(producer, 1, 4);
        producer.flush();
        producer.abortTransaction();
      }
      Map<String, Long> ends = topics.endOffsets(List.of("events"));
      // Each transaction ends with a mark in each of its partitions.
      assertThat(ends).isEqualTo(Map.of("events-0", 7L, "events-1", 5L));

      try (FollowKafka follow = follow(broker)) {
        assertThat(follow.recordsEnd(ends)).isEqualTo(Map.of("events-0", 2L));
      }
    }
  }

  @Test
  void aPartitionThatIsAddedIsFollowed() {
    try (KafkaBroker broker = KafkaBroker.start(INSTALLATION, directory, List.of());
        KafkaTopics topics =
            new KafkaTopics(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      topics.createIfMissing("events", 1);
      try (FollowKafka follow = follow(broker)) {
        try (KafkaProducer<byte[], byte[]> producer = producer(broker, Map.of())) {
          send(producer, 0, 2);
        }
        assertThat(follow.recordsEnd(Map.of("events-0", 2L))).isEqualTo(Map.of("events-0", 2L));

        topics.addPartition("events");
        try (KafkaProducer<byte[], byte[]> producer = producer(broker, Map.of())) {
          send(producer, 1, 3);
        }

        assertThat(follow.recordsEnd(Map.of("events-1", 3L))).isEqualTo(Map.of("events-1", 3L));
      }
    }
  }

  private static FollowKafka follow(KafkaBroker broker) {
    return new FollowKafka(Map.of("bootstrap.servers", broker.bootstrapServers()), "events");
  }

  private static KafkaProducer<byte[], byte[]> producer(
      KafkaBroker broker, Map<String, Object> properties) {
    Map<String, Object> client = new HashMap<>(properties);
    client.put("bootstrap.servers", broker.bootstrapServers());
    return new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int partition, int records) {
    byte[] value = "{}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < records; i++) {
      var unused = producer.send(new ProducerRecord<>("events", partition, null, value));
    }
  }
}
