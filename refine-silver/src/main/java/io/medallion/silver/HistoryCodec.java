package io.medallion.silver;

import java.util.ArrayList;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.RowData.FieldGetter;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.RowType.RowField;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * Keeps an event of a history as one row, so that Flink's own serializer stores it:
 *
 * <pre>
 *   kind, order, partition, offset, topic, kafka_timestamp
 *   previous     what the event before it is held under
 *   row          ROW&lt;the contract's fields&gt; of an insert
 *   rescued      of an insert
 *   correction   ROW&lt;the fields that corrections set&gt; of a correction
 * </pre>
 *
 * The last four are nullable. The layout is part of the state format.
 */
final class HistoryCodec {
  private static final int KIND = 0;
  private static final int ORDER = 1;
  private static final int PARTITION = 2;
  private static final int OFFSET = 3;
  private static final int TOPIC = 4;
  private static final int KAFKA_TIMESTAMP = 5;
  private static final int PREVIOUS = 6;
  private static final int ROW = 7;
  private static final int RESCUED = 8;
  private static final int CORRECTION = 9;

  private final RowType rowType;
  private final int contractFields;
  private final int[] correctable;
  private final FieldGetter[] fields;
  private final FieldGetter[] corrected;

  /**
   * A codec for the keys of a pipeline.
   *
   * @param correctionSets fields of the contract, in the order of the definition
   */
  HistoryCodec(RowType contract, List<String> correctionSets) {
    this.contractFields = contract.getFieldCount();
    this.correctable = correctionSets.stream().mapToInt(contract::getFieldIndex).toArray();
    this.fields = new FieldGetter[correctable.length];
    this.corrected = new FieldGetter[correctable.length];
    List<RowField> corrections = new ArrayList<>();
    for (int i = 0; i < correctable.length; i++) {
      LogicalType type = contract.getTypeAt(correctable[i]).copy(true);
      corrections.add(new RowField(correctionSets.get(i), type));
      fields[i] = RowData.createFieldGetter(type, correctable[i]);
      corrected[i] = RowData.createFieldGetter(type, i);
    }
    this.rowType =
        new RowType(
            false,
            List.of(
                new RowField("kind", new VarCharType(false, VarCharType.MAX_LENGTH)),
                new RowField("order", new BigIntType(false)),
                new RowField("partition", new IntType(false)),
                new RowField("offset", new BigIntType(false)),
                new RowField("topic", new VarCharType(false, VarCharType.MAX_LENGTH)),
                new RowField("kafka_timestamp", new BigIntType(false)),
                new RowField("previous", new VarCharType(VarCharType.MAX_LENGTH)),
                new RowField("row", contract.copy(true)),
                new RowField("rescued", new VarCharType(VarCharType.MAX_LENGTH)),
                new RowField("correction", new RowType(true, corrections))));
  }

  RowType rowType() {
    return rowType;
  }

  /**
   * An event as a row.
   *
   * @param previous what the event before it is held under, or null when it is the oldest
   */
  RowData encode(Event event, @Nullable String previous) {
    GenericRowData row = new GenericRowData(rowType.getFieldCount());
    row.setField(KIND, StringData.fromString(event.kind().name()));
    row.setField(ORDER, event.at().order());
    row.setField(PARTITION, event.at().partition());
    row.setField(OFFSET, event.at().offset());
    row.setField(TOPIC, StringData.fromString(event.at().topic()));
    row.setField(KAFKA_TIMESTAMP, event.kafkaTimestamp());
    row.setField(PREVIOUS, StringData.fromString(previous));
    if (event.kind() == Event.Kind.INSERT) {
      row.setField(ROW, event.row());
      row.setField(RESCUED, event.rescued());
    } else if (event.kind() == Event.Kind.CORRECTION) {
      GenericRowData correction = new GenericRowData(correctable.length);
      for (int i = 0; i < correctable.length; i++) {
        correction.setField(i, fields[i].getFieldOrNull(event.row()));
      }
      row.setField(CORRECTION, correction);
    }
    return row;
  }

  /**
   * The event of a row; of a correction with the fields alone that it may set, of a reversal none.
   */
  Event event(RowData row) {
    return new Event(
        Event.Kind.valueOf(row.getString(KIND).toString()),
        new Version(
            row.getLong(ORDER),
            row.getInt(PARTITION),
            row.getLong(OFFSET),
            row.getString(TOPIC).toString()),
        row.getLong(KAFKA_TIMESTAMP),
        row.isNullAt(ROW) ? correction(row) : row.getRow(ROW, contractFields),
        row.isNullAt(RESCUED) ? null : row.getString(RESCUED));
  }

  @Nullable
  String previous(RowData row) {
    return row.isNullAt(PREVIOUS) ? null : row.getString(PREVIOUS).toString();
  }

  private RowData correction(RowData row) {
    GenericRowData event = new GenericRowData(contractFields);
    if (!row.isNullAt(CORRECTION)) {
      RowData correction = row.getRow(CORRECTION, correctable.length);
      for (int i = 0; i < correctable.length; i++) {
        event.setField(correctable[i], corrected[i].getFieldOrNull(correction));
      }
    }
    return event;
  }
}
