package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.demo.Installation;
import io.medallion.services.demo.KafkaBroker;
import io.medallion.services.sample.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
          new KafkaProducer<>(
              Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "test"),
              new ByteArraySerializer(),
              new ByteArraySerializer())) {
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

      try (FollowKafka follow =
          new FollowKafka(Map.of("bootstrap.servers", broker.bootstrapServers()), "events")) {
        assertThat(follow.recordsEnd(ends)).isEqualTo(Map.of("events-0", 2L));
      }
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int partition, int records) {
    byte[] value = "{}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < records; i++) {
      var unused = producer.send(new ProducerRecord<>("events", partition, null, value));
    }
  }
}
