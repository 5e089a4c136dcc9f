package io.medallion.services.sample;

import io.medallion.services.CommandFailedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends events to a topic at an even rate, each exactly once and in order for each key. */
public final class SendEvents implements Runnable, AutoCloseable {
  /** A rate that is no limit. */
  public static final double UNLIMITED = 0;

  /** Events this close are sent together: waking up for each costs more than sending it. */
  private static final Duration TOGETHER = Duration.ofMillis(10);

  private static final Duration LET_GO = Duration.ofSeconds(1);

  private final EventSource source;
  private final String topic;
  private final double rate;
  private final long most;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private volatile boolean stopped;

  /**
   * @param client Kafka client properties, {@code bootstrap.servers} among them
   * @param rate events per second, or {@link #UNLIMITED}
   * @param most the number of events after which the stream comes to its end
   */
  public SendEvents(
      Map<String, String> client, String topic, EventSource source, double rate, long most) {
    this.source = source;
    this.topic = topic;
    this.rate = rate;
    this.most = most;
    Map<String, Object> properties = new HashMap<>(client);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends until the source ends, enough was sent or {@link #stop}, and waits for every answer. */
  @Override
  public void run() {
    long start = System.nanoTime();
    long paced = 0;
    while (!stopped && sent.get() < most) {
      Optional<Event> event = source.next();
      if (event.isEmpty()) {
        break;
      }
      send(event.get());
      paced++;
      if (rate != UNLIMITED) {
        long due = start + (long) (paced * (double) TimeUnit.SECONDS.toNanos(1) / rate);
        if (System.nanoTime() - due > LET_GO.toNanos()) {
          // Kafka was slow for long: going on at the rate is better than a burst.
          start = System.nanoTime();
          paced = 0;
        }
        if (due - System.nanoTime() > TOGETHER.toNanos()) {
          for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
            LockSupport.parkNanos(early);
          }
        }
      }
    }
    source.finish();
    for (Optional<Event> late = source.next(); late.isPresent(); late = source.next()) {
      send(late.get());
    }
    producer.flush();
    requireHealthy();
  }

  /** Lets {@link #run} come to its end; what was begun is still sent. */
  public void stop() {
    stopped = true;
  }

  /** Events handed to Kafka so far. */
  public long sent() {
    return sent.get();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }

  private void send(Event event) {
    requireHealthy();
    byte[] key = event.key().map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
    try {
      var unused =
          producer.send(
              new ProducerRecord<>(topic, key, event.value()),
              (metadata, exception) -> {
                if (exception != null) {
                  failure.compareAndSet(null, exception);
                }
              });
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      requireHealthy();
    }
    sent.incrementAndGet();
  }

  private void requireHealthy() {
    Exception exception = failure.get();
    if (exception != null) {
      throw new CommandFailedException(
          "Sending to topic %s failed after %d events (%s: %s): is Kafka still there, and may this client write to the topic?"
              .formatted(
                  topic, sent.get(), exception.getClass().getSimpleName(), exception.getMessage()),
          exception);
    }
  }
}
