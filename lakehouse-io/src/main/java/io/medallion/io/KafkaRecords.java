package io.medallion.io;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SourceDefinition;
import io.medallion.schemas.SourceSystem;
import io.medallion.schemas.Tables;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Properties;
import javax.annotation.Nullable;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
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
import org.apache.kafka.common.header.Header;

/**
 * The records of a pipeline's topics as rows of its bronze table, nothing parsed; {@code _batch_id}
 * is still null.
 */
public final class KafkaRecords {
  private static final String READ = "read kafka";

  private KafkaRecords() {}

  /**
   * From the earliest record on, or from where the checkpoint or savepoint left off; committed
   * transactions only.
   */
  public static DataStream<RowData> read(
      StreamExecutionEnvironment env, PipelineDefinition pipeline) {
    SourceDefinition source = pipeline.source();
    Properties properties = new Properties();
    // What aborted transactions wrote is no event; a pipeline may say otherwise.
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, "medallion-" + pipeline.name());
    properties.putAll(source.kafka());
    RowType columns = Tables.bronze(pipeline).columns();
    KafkaSource<RowData> kafka =
        KafkaSource.<RowData>builder()
            .setTopics(source.topics())
            .setProperties(properties)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new ToBronze(columns, source.sourceSystem()))
            .build();
    return env.fromSource(kafka, WatermarkStrategy.noWatermarks(), READ).uid(READ);
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
          : new String(header.value(), StandardCharsets.UTF_8);
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
