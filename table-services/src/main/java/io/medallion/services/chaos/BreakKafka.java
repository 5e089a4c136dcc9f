package io.medallion.services.chaos;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What can go wrong in Kafka. */
final class BreakKafka {
  private static final int IN_TRANSACTION = 50;

  private BreakKafka() {}

  /** Stops the broker, or kills it, and starts it again. */
  static void bounce(ChaosCluster cluster, boolean hard) {
    if (hard) {
      cluster.kafka().process().kill();
    }
    cluster.kafka().restart();
    cluster.happened();
  }

  static void addPartition(ChaosCluster cluster, PlannedFault planned) {
    cluster.topics().addPartition(cluster.topic());
    cluster.happened();
  }

  /** No reader may ever see what both of them sent. */
  static void abortTransaction(ChaosCluster cluster, PlannedFault planned) {
    try (KafkaProducer<byte[], byte[]> one = producer(cluster);
        KafkaProducer<byte[], byte[]> other = producer(cluster)) {
      send(one, cluster.topic());
      send(other, cluster.topic());
      one.abortTransaction();
      Wait.of(planned.seconds());
      other.abortTransaction();
    }
    cluster.happened();
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String topic) {
    producer.initTransactions();
    producer.beginTransaction();
    byte[] value = "{\"aborted\": true}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < IN_TRANSACTION; i++) {
      Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(topic, value));
    }
    producer.flush();
  }

  private static KafkaProducer<byte[], byte[]> producer(ChaosCluster cluster) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            cluster.kafka().bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            "chaos-" + UUID.randomUUID()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}
