package io.medallion.io;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SourceDefinition;
import io.medallion.schemas.SourceSystem;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import javax.annotation.Nullable;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * The records of a pipeline's topics as rows of its bronze table, nothing parsed; {@code _batch_id}
 * is still null.
 */
public final class KafkaRecords {
  private static final String READ = "read kafka";
  private static final String CONTINUE = "continue kafka";

  /** How soon a new partition is seen. */
  private static final Duration PARTITION_DISCOVERY = Duration.ofSeconds(10);

  private KafkaRecords() {}

  /**
   * From where the checkpoint or savepoint left off, without one from where the bronze table
   * stands, and without that from the earliest record on; committed transactions only.
   */
  public static Input read(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    SourceDefinition source = pipeline.source();
    TableDefinition bronze = Tables.bronze(pipeline);
    Properties properties = new Properties();
    // What aborted transactions wrote is no event; a pipeline may say otherwise.
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, "medallion-" + pipeline.name());
    properties.setProperty(
        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
        String.valueOf(PARTITION_DISCOVERY.toMillis()));
    // Commits are seconds apart: of a slow topic, records come together every 100 ms instead of one
    // by one, each with a request of its own.
    properties.setProperty(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, String.valueOf(1 << 16));
    properties.setProperty(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100");
    properties.putAll(source.kafka());
    boolean stock = StockSink.isChosen(env);
    KafkaSource<RowData> kafka =
        KafkaSource.<RowData>builder()
            .setTopics(source.topics())
            .setProperties(properties)
            .setStartingOffsets(
                stock
                    ? OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST)
                    : new WhereTableStands(lakehouse.warehouse(), bronze))
            .setDeserializer(new ToBronze(bronze.columns(), source.sourceSystem()))
            .build();
    SingleOutputStreamOperator<RowData> all =
        env.fromSource(kafka, WatermarkStrategy.noWatermarks(), READ).uid(READ);
    SingleOutputStreamOperator<RowData> records =
        stock
            ? all
            : all.transform(
                    CONTINUE,
                    InternalTypeInfo.of(bronze.columns()),
                    new ContinueKafka(bronze, env.getCheckpointConfig().getCheckpointTimeout()))
                .uid(CONTINUE);
    return new Input(records, Input.reports(records));
  }

  /**
   * Where reading begins without a checkpoint. Offsets that Kafka does not have any more, or not
   * yet again, are an error and never skipped.
   */
  static final class WhereTableStands implements OffsetsInitializer {
    private static final long serialVersionUID = 1L;

    private final String warehouse;
    private final TableDefinition bronze;

    WhereTableStands(String warehouse, TableDefinition bronze) {
      this.warehouse = warehouse;
      this.bronze = bronze;
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
        Collection<TopicPartition> partitions, PartitionOffsetsRetriever kafka) {
      Map<String, Long> stands =
          CommitLog.latest(warehouse, bronze)
              .map(commit -> commit.progress().nextByInput())
              .orElse(Map.of());
      Map<TopicPartition, Long> first = kafka.beginningOffsets(partitions);
      Map<TopicPartition, Long> end = kafka.endOffsets(partitions);
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (TopicPartition partition : partitions) {
        Long next = stands.get(partition.toString());
        if (next != null && (next < first.get(partition) || next > end.get(partition))) {
          throw new Continuation.GapException(
              "Table %s goes on at offset %d of %s, but Kafka has %d to %d: %s."
                  .formatted(
                      bronze.qualifiedName(),
                      next,
                      partition,
                      first.get(partition),
                      end.get(partition),
                      next < first.get(partition)
                          ? "what lies between has expired and is lost; give Kafka a longer retention"
                          : "the topic has been deleted and created again; give the new one a name of its own"));
        }
        offsets.put(partition, next == null ? first.get(partition) : next);
      }
      return offsets;
    }

    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
      return OffsetResetStrategy.NONE;
    }
  }

  /** One row for each record. */
  static final class ToBronze implements KafkaRecordDeserializationSchema<RowData> {
    private static final long serialVersionUID = 1L;

    private final RowType columns;
    private final SourceSystem sourceSystem;

    ToBronze(RowType columns, SourceSystem sourceSystem) {
      this.columns = columns;
      this.sourceSystem = sourceSystem;
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RowData> out) {
      Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
      out.collect(
          GenericRowData.of(
              StringData.fromString(record.topic()),
              record.partition(),
              record.offset(),
              TimestampData.fromEpochMillis(record.timestamp()),
              record.key(),
              record.value(),
              headers(record),
              TimestampData.fromInstant(now),
              null,
              StringData.fromString(systemOf(record)),
              StringData.fromString(now.atZone(ZoneOffset.UTC).toLocalDate().toString())));
    }

    private String systemOf(ConsumerRecord<byte[], byte[]> record) {
      if (sourceSystem.kind() == SourceSystem.Kind.CONSTANT) {
        return sourceSystem.value();
      }
      Header header = record.headers().lastHeader(sourceSystem.value());
      return header == null || header.value() == null || header.value().length == 0
          ? "unknown"
          : PartitionFolder.fitting(
              Tables.SOURCE_SYSTEM, new String(header.value(), StandardCharsets.UTF_8));
    }

    private static @Nullable StringData headers(ConsumerRecord<byte[], byte[]> record) {
      if (record.headers().toArray().length == 0) {
        return null;
      }
      ArrayNode headers = JsonNodeFactory.instance.arrayNode();
      for (Header header : record.headers()) {
        headers.addObject().put("name", header.key()).put("value", header.value());
      }
      return StringData.fromString(headers.toString());
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
      return InternalTypeInfo.of(columns);
    }
  }
}
