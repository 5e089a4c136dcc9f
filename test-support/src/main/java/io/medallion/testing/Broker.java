package io.medallion.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker (KRaft, one node) in this process, on free ports of the loopback interface.
 */
public final class Broker implements AutoCloseable {
  private static final int LARGEST_RECORD = 16 << 20;

  private final KafkaRaftServer server;
  private final String address;
  private final Producer<byte[], byte[]> producer;

  /**
   * Starts a broker that keeps its log below the given folder.
   *
   * @throws IllegalStateException if it does not start
   */
  public Broker(Path folder) {
    int clients = freePort();
    int controller = freePort();
    address = "127.0.0.1:" + clients;
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    properties.put("listeners", "PLAINTEXT://" + address + ",CONTROLLER://127.0.0.1:" + controller);
    properties.put("advertised.listeners", "PLAINTEXT://" + address);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("log.dirs", folder.resolve("kafka").toString());
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.num.partitions", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("auto.create.topics.enable", "false");
    properties.put("message.max.bytes", String.valueOf(LARGEST_RECORD));
    try {
      new Formatter()
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(1)
          .setControllerListenerName("CONTROLLER")
          .setReleaseVersion(MetadataVersion.latestProduction())
          .addDirectory(folder.resolve("kafka").toString())
          .setMetadataLogDirectory(folder.resolve("kafka").toString())
          .setIgnoreFormatted(false)
          .run();
    } catch (Exception failure) {
      throw new IllegalStateException("Could not format the broker's folder " + folder, failure);
    }
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
    server.startup();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", address, "max.request.size", LARGEST_RECORD),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** The address for {@code bootstrap.servers}. */
  public String address() {
    return address;
  }

  /** Creates a topic. */
  public void createTopic(String topic, int partitions) {
    try (AdminClient admin =
        AdminClient.create(Map.<String, Object>of("bootstrap.servers", address))) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    } catch (ExecutionException failure) {
      throw new IllegalStateException("Could not create topic " + topic, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while creating topic " + topic, interrupted);
    }
  }

  /** Sends a record and waits until the broker has it. */
  public void send(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get();
    } catch (ExecutionException failure) {
      throw new IllegalStateException("Could not send to " + record.topic(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while sending", interrupted);
    }
  }

  /** Sends a record without waiting; {@link #flush} does. */
  public void sendLater(ProducerRecord<byte[], byte[]> record) {
    Future<?> unused = producer.send(record);
  }

  /** Waits until the broker has all records sent. */
  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
    server.shutdown();
    server.awaitShutdown();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException("No free port", failure);
    }
  }
}
