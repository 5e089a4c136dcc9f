package io.medallion.io.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Kafka's own stand-in for a broker, with records of {@code transactions-0} at given offsets; as a
 * real consumer, it moves over offsets without a record.
 */
final class RecordsInKafka extends MockConsumer<byte[], byte[]> {
  private static final TopicPartition PARTITION = new TopicPartition("transactions", 0);

  private final NavigableSet<Long> offsets = new TreeSet<>();
  private final long end;
  private final int perPoll;
  private long beginning;
  private int seeks;

  RecordsInKafka(long beginning, long end, int perPoll, long... records) {
    super(OffsetResetStrategy.NONE);
    this.beginning = beginning;
    this.end = end;
    this.perPoll = perPoll;
    for (long offset : records) {
      offsets.add(offset);
    }
    updatePartitions(
        "transactions", List.of(new PartitionInfo("transactions", 0, null, null, null)));
    updateBeginningOffsets(Map.of(PARTITION, beginning));
    updateEndOffsets(Map.of(PARTITION, end));
  }

  /** Retention deletes what is before, once somebody has asked where the partition begins. */
  RecordsInKafka deletingUpTo(long offset) {
    beginning = offset;
    return this;
  }

  int seeks() {
    return seeks;
  }

  @Override
  public synchronized void seek(TopicPartition partition, long offset) {
    seeks++;
    super.seek(partition, offset);
  }

  @Override
  public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    long position = position(PARTITION);
    if (position < beginning) {
      updateBeginningOffsets(Map.of(PARTITION, beginning));
      throw new OffsetOutOfRangeException(Map.of(PARTITION, position));
    }
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (long offset : offsets.tailSet(position)) {
      if (records.size() == perPoll) {
        break;
      }
      records.add(new ConsumerRecord<>("transactions", 0, offset, new byte[0], new byte[0]));
    }
    super.seek(
        PARTITION, records.size() < perPoll ? end : records.get(records.size() - 1).offset() + 1);
    return new ConsumerRecords<>(Map.of(PARTITION, records));
  }
}
