package io.medallion.silver;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Tables;
import java.io.Serializable;
import javax.annotation.Nullable;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;

/** How an {@link Event} travels between operators: as a row with its key's text. */
final class EventRow implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int KEY = 0;
  private static final int KIND = 1;
  private static final int ORDER = 2;
  private static final int PARTITION = 3;
  private static final int OFFSET = 4;
  private static final int TOPIC = 5;
  private static final int KAFKA_TIMESTAMP = 6;
  private static final int RESCUED = 7;
  private static final int ROW = 8;
  private static final int RECORD = 9;
  private static final int RECORD_FIELDS = 2;

  private final RowType rowType;
  private final int contractFields;
  private final boolean withRecord;

  /** As a pipeline needs it. */
  EventRow(PipelineDefinition pipeline) {
    RowType contract = pipeline.source().contract().rowType();
    withRecord = !pipeline.silver().stateLifetime().isZero();
    contractFields = contract.getFieldCount();
    DataType record =
        DataTypes.ROW(
            DataTypes.FIELD(Tables.RECORD_KEY, DataTypes.BYTES()),
            DataTypes.FIELD(Tables.PAYLOAD, DataTypes.BYTES()));
    rowType =
        (RowType)
            DataTypes.ROW(
                    DataTypes.FIELD("key", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("kind", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("order", DataTypes.BIGINT().notNull()),
                    DataTypes.FIELD("partition", DataTypes.INT().notNull()),
                    DataTypes.FIELD("offset", DataTypes.BIGINT().notNull()),
                    DataTypes.FIELD("topic", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("kafka_timestamp", DataTypes.BIGINT().notNull()),
                    DataTypes.FIELD("rescued", DataTypes.STRING()),
                    DataTypes.FIELD("row", TypeConversions.fromLogicalToDataType(contract)),
                    DataTypes.FIELD("record", record))
                .notNull()
                .getLogicalType();
  }

  /**
   * {@code ROW<key, kind, order, partition, offset, topic, kafka_timestamp, rescued, row, record>}.
   */
  RowType rowType() {
    return rowType;
  }

  String key(RowData row) {
    return row.getString(KEY).toString();
  }

  /** An event that has been in quarantine, or that the tables know: its record is not needed. */
  RowData of(String key, Event event) {
    return of(key, event, null);
  }

  /**
   * An event with its record, where the pipeline may have to put it into quarantine behind the key.
   *
   * @param recordKey the record's key in Kafka
   */
  RowData of(String key, Event event, @Nullable byte[] recordKey, @Nullable byte[] payload) {
    return of(key, event, withRecord ? GenericRowData.of(recordKey, payload) : null);
  }

  private static RowData of(String key, Event event, @Nullable RowData record) {
    return GenericRowData.of(
        StringData.fromString(key),
        StringData.fromString(event.kind().name()),
        event.at().order(),
        event.at().partition(),
        event.at().offset(),
        StringData.fromString(event.at().topic()),
        event.kafkaTimestamp(),
        event.rescued(),
        event.row(),
        record);
  }

  /** {@code ROW<key, payload>} of Kafka, or null where it was left out. */
  @Nullable
  RowData record(RowData row) {
    return row.isNullAt(RECORD) ? null : row.getRow(RECORD, RECORD_FIELDS);
  }

  Event event(RowData row) {
    return new Event(
        Event.Kind.valueOf(row.getString(KIND).toString()),
        new Version(
            row.getLong(ORDER),
            row.getInt(PARTITION),
            row.getLong(OFFSET),
            row.getString(TOPIC).toString()),
        row.getLong(KAFKA_TIMESTAMP),
        row.getRow(ROW, contractFields),
        row.isNullAt(RESCUED) ? null : row.getString(RESCUED));
  }
}
