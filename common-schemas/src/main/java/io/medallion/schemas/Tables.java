package io.medallion.schemas;

import io.medallion.schemas.TableDefinition.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Every table of a pipeline with all its columns, and the only place that names them. All
 * timestamps are UTC.
 */
public final class Tables {
  public static final String TOPIC = "topic";
  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String KAFKA_TIMESTAMP = "kafka_timestamp";
  public static final String RECORD_KEY = "key";
  public static final String PAYLOAD = "payload";
  public static final String HEADERS = "headers";
  public static final String INGESTION_TIMESTAMP = "_ingestion_timestamp";
  public static final String INGESTION_DATE = "_ingestion_date";
  public static final String SOURCE_SYSTEM = "_source_system";
  public static final String BATCH_ID = "_batch_id";

  public static final String RESCUED_DATA = "_rescued_data";
  public static final String CREATED_AT = "_created_at";
  public static final String LAST_MODIFIED = "_last_modified";
  public static final String KAFKA_TOPIC = "_kafka_topic";
  public static final String KAFKA_PARTITION = "_kafka_partition";
  public static final String KAFKA_OFFSET = "_kafka_offset";

  public static final String VALID_FROM = "valid_from";
  public static final String VALID_TO = "valid_to";
  public static final String IS_CURRENT = "is_current";

  /**
   * What rules see as the present: the Kafka timestamp of the event, so that a replay is judged as
   * the first time.
   */
  public static final String NOW = "_now";

  public static final String RULES = "rules";
  public static final String REASON = "reason";
  public static final String QUARANTINED_AT = "_quarantined_at";

  /** Null where a row says that an event is in quarantine, set where one says that it left. */
  public static final String REPLAYED_AT = "_replayed_at";

  private static final DataType TIMESTAMP = DataTypes.TIMESTAMP(3);

  /**
   * A Kafka record as it came. Headers are a JSON array of {@code {"name": ..., "value": base64 or
   * null}} in their order, null when there are none (Hudi's Flink reader cannot read an array of
   * rows); {@code _batch_id} is the checkpoint that brought the record.
   */
  private static final List<Column> BRONZE =
      List.of(
          new Column(TOPIC, DataTypes.STRING().notNull(), "The Kafka topic."),
          new Column(PARTITION, DataTypes.INT().notNull(), "The Kafka partition."),
          new Column(
              OFFSET,
              DataTypes.BIGINT().notNull(),
              "The Kafka offset; with topic and partition it names the record."),
          new Column(KAFKA_TIMESTAMP, TIMESTAMP, "The record's timestamp in Kafka."),
          new Column(RECORD_KEY, DataTypes.BYTES(), "The record's key, as it came."),
          new Column(
              PAYLOAD, DataTypes.BYTES(), "The record's value, as it came; null for a tombstone."),
          new Column(
              HEADERS,
              DataTypes.STRING(),
              "JSON: [{\"name\": ..., \"value\": base64 or null}] in their order; null when there are none."),
          new Column(INGESTION_TIMESTAMP, TIMESTAMP, "When the job read the record."),
          new Column(BATCH_ID, DataTypes.BIGINT(), "The checkpoint that brought the record."),
          new Column(
              SOURCE_SYSTEM,
              DataTypes.STRING(),
              "source.source-system of pipeline.yaml, for this record; of a name that no folder can have, its beginning and a digest."),
          new Column(
              INGESTION_DATE, DataTypes.STRING(), "The day of _ingestion_timestamp, YYYY-MM-DD."));

  /**
   * What silver adds behind the columns of the SELECT: the Kafka coordinates are those of the last
   * event applied.
   */
  private static final List<Column> SILVER =
      List.of(
          new Column(
              RESCUED_DATA,
              DataTypes.STRING(),
              "JSON of the event's fields that the contract does not have; null when there are none."),
          new Column(
              CREATED_AT, TIMESTAMP, "The Kafka timestamp of the event that inserted the row."),
          new Column(LAST_MODIFIED, TIMESTAMP, "The Kafka timestamp of the last event applied."),
          new Column(KAFKA_TOPIC, DataTypes.STRING(), "The topic of the last event applied."),
          new Column(KAFKA_PARTITION, DataTypes.INT(), "Its partition."),
          new Column(KAFKA_OFFSET, DataTypes.BIGINT(), "Its offset."));

  /**
   * An event that could not be read or broke a rule: why, where it came from, and all its bytes.
   * Where silver has taken it after all, a second row says so; rows are never changed.
   */
  private static final List<Column> QUARANTINE =
      List.of(
          new Column(TOPIC, DataTypes.STRING().notNull(), "The Kafka topic."),
          new Column(PARTITION, DataTypes.INT().notNull(), "The Kafka partition."),
          new Column(
              OFFSET,
              DataTypes.BIGINT().notNull(),
              "The Kafka offset; with topic and partition it names the record."),
          new Column(KAFKA_TIMESTAMP, TIMESTAMP, "The record's timestamp in Kafka."),
          new Column(
              RECORD_KEY,
              DataTypes.BYTES(),
              "The record's key, as it came; null in the row of a replay."),
          new Column(
              PAYLOAD,
              DataTypes.BYTES(),
              "The record's value, as it came; null in the row of a replay."),
          new Column(
              RULES,
              DataTypes.ARRAY(DataTypes.STRING()),
              "The rules that the event broke, or why it could not be read."),
          new Column(REASON, DataTypes.STRING(), "The same in words."),
          new Column(QUARANTINED_AT, TIMESTAMP, "When the job judged it."),
          new Column(
              REPLAYED_AT,
              TIMESTAMP,
              "When a replay brought the event into silver: a row of its own, beside the one that says why it was not there. Null in that one."));

  private Tables() {}

  /** {@code bronze.<pipeline>}: every Kafka record as it came. */
  public static TableDefinition bronze(PipelineDefinition pipeline) {
    return new TableDefinition(
        Layer.BRONZE,
        pipeline.name(),
        rowType(List.of(), BRONZE),
        List.of(TOPIC, PARTITION, OFFSET),
        List.of(SOURCE_SYSTEM, INGESTION_DATE),
        Writing.APPEND);
  }

  /**
   * {@code silver.<pipeline>}: one row per key, or with a history one per version of a key; its
   * changes kept.
   */
  public static TableDefinition silver(PipelineDefinition pipeline) {
    return silver(pipeline.name(), pipeline.silver());
  }

  static TableDefinition silver(String pipeline, SilverDefinition silver) {
    List<String> key = new ArrayList<>(silver.key());
    if (silver.history()) {
      key.add(VALID_FROM);
    }
    return new TableDefinition(
        Layer.SILVER,
        pipeline,
        rowType(silver.columns().getFields(), added(silver)),
        key,
        silver.partitionBy(),
        Writing.CHANGELOG);
  }

  private static List<Column> added(SilverDefinition silver) {
    if (!silver.history()) {
      return SILVER;
    }
    LogicalType order =
        silver.columns().getTypeAt(silver.columns().getFieldIndex(silver.orderBy()));
    List<Column> added = new ArrayList<>();
    added.add(
        new Column(
            VALID_FROM,
            order.copy(false),
            "The `order-by` of the event that began this version of the key."));
    added.add(
        new Column(
            VALID_TO,
            order.copy(true),
            "The `order-by` of the event that ended it, from which on it does not hold; null while it is current."));
    added.add(
        new Column(
            IS_CURRENT,
            DataTypes.BOOLEAN().notNull().getLogicalType(),
            "Whether it is the version that holds now: at most one of a key."));
    added.addAll(SILVER);
    return added;
  }

  /** {@code silver.<pipeline>_quarantine}: every event that silver does not take, and why. */
  public static TableDefinition quarantine(PipelineDefinition pipeline) {
    return new TableDefinition(
        Layer.SILVER,
        pipeline.name() + "_quarantine",
        rowType(List.of(), QUARANTINE),
        List.of(TOPIC, PARTITION, OFFSET),
        List.of(),
        Writing.APPEND);
  }

  /** {@code gold.<table>}: one row per group. */
  public static TableDefinition gold(GoldDefinition gold) {
    return new TableDefinition(
        Layer.GOLD,
        gold.table(),
        gold.columns(),
        gold.key(),
        List.of(),
        Writing.UPSERT,
        gold.version(),
        gold.fingerprint());
  }

  /** All tables of a pipeline in the order of the data. */
  public static List<TableDefinition> all(PipelineDefinition pipeline) {
    List<TableDefinition> tables = new ArrayList<>();
    tables.add(bronze(pipeline));
    tables.add(silver(pipeline));
    tables.add(quarantine(pipeline));
    pipeline.gold().forEach(gold -> tables.add(gold(gold)));
    return List.copyOf(tables);
  }

  /** What the columns mean that no query selects, by their names. */
  public static Map<String, String> meanings(PipelineDefinition pipeline, TableDefinition table) {
    List<Column> columns =
        switch (table.layer()) {
          case BRONZE -> BRONZE;
          case SILVER -> table.writing() == Writing.APPEND ? QUARANTINE : added(pipeline.silver());
          case GOLD -> List.of();
        };
    return columns.stream().collect(Collectors.toMap(Column::name, Column::meaning));
  }

  private static RowType rowType(List<RowType.RowField> first, List<Column> then) {
    List<RowType.RowField> fields = new ArrayList<>(first);
    then.forEach(column -> fields.add(new RowType.RowField(column.name, column.type)));
    return new RowType(false, fields);
  }

  private record Column(String name, LogicalType type, String meaning) {
    Column(String name, DataType type, String meaning) {
      this(name, type.getLogicalType(), meaning);
    }
  }
}
