package io.medallion.silver;

import io.medallion.silver.KeyState.Base;
import io.medallion.silver.KeyState.Correction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * Keeps a {@link KeyState} as one row, so that Flink's own serializer stores it:
 *
 * <pre>
 *   base                   ROW&lt;order, partition, offset, topic, kafka_timestamp, row, rescued&gt;
 *   correction_(field) ... ROW&lt;order, partition, offset, topic, kafka_timestamp, value&gt;
 * </pre>
 *
 * All nullable; the row of the base has the contract's fields. The layout is part of the state
 * format.
 */
final class KeyStateCodec {
  private static final List<RowField> EVENT =
      List.of(
          new RowField("order", new BigIntType(false)),
          new RowField("partition", new IntType(false)),
          new RowField("offset", new BigIntType(false)),
          new RowField("topic", new VarCharType(false, VarCharType.MAX_LENGTH)),
          new RowField("kafka_timestamp", new BigIntType(false)));
  private static final int ROW = EVENT.size();
  private static final int RESCUED = ROW + 1;
  private static final int BASE_FIELDS = RESCUED + 1;
  private static final int VALUE = EVENT.size();
  private static final int CORRECTION_FIELDS = VALUE + 1;

  private final RowType rowType;
  private final int contractFields;
  private final List<String> correctable;
  private final List<FieldGetter> values = new ArrayList<>();

  /**
   * A codec for the keys of a pipeline.
   *
   * @param correctable fields of the contract, in the order of the definition
   */
  KeyStateCodec(RowType contract, List<String> correctable) {
    this.contractFields = contract.getFieldCount();
    this.correctable = List.copyOf(correctable);
    List<RowField> fields = new ArrayList<>();
    fields.add(
        new RowField(
            "base",
            event(
                new RowField("row", contract.copy(true)),
                new RowField("rescued", new VarCharType(VarCharType.MAX_LENGTH)))));
    for (String field : correctable) {
      LogicalType type = contract.getTypeAt(contract.getFieldIndex(field)).copy(true);
      fields.add(new RowField("correction_" + field, event(new RowField("value", type))));
      values.add(RowData.createFieldGetter(type, VALUE));
    }
    this.rowType = new RowType(false, fields);
  }

  RowType rowType() {
    return rowType;
  }

  KeyState decode(@Nullable RowData row) {
    if (row == null) {
      return KeyState.EMPTY;
    }
    Map<String, Correction> corrections = new HashMap<>();
    for (int i = 0; i < correctable.size(); i++) {
      if (!row.isNullAt(i + 1)) {
        RowData correction = row.getRow(i + 1, CORRECTION_FIELDS);
        corrections.put(
            correctable.get(i),
            new Correction(
                version(correction),
                kafkaTimestamp(correction),
                values.get(i).getFieldOrNull(correction)));
      }
    }
    return new KeyState(row.isNullAt(0) ? null : base(row.getRow(0, BASE_FIELDS)), corrections);
  }

  RowData encode(KeyState state) {
    GenericRowData row = new GenericRowData(rowType.getFieldCount());
    Base base = state.base();
    if (base != null) {
      GenericRowData held = event(BASE_FIELDS, base.at(), base.kafkaTimestamp());
      held.setField(ROW, base.row());
      held.setField(RESCUED, base.rescued());
      row.setField(0, held);
    }
    for (int i = 0; i < correctable.size(); i++) {
      Correction correction = state.corrections().get(correctable.get(i));
      if (correction != null) {
        GenericRowData held =
            event(CORRECTION_FIELDS, correction.at(), correction.kafkaTimestamp());
        held.setField(VALUE, correction.value());
        row.setField(i + 1, held);
      }
    }
    return row;
  }

  private Base base(RowData base) {
    return new Base(
        version(base),
        kafkaTimestamp(base),
        base.isNullAt(ROW) ? null : base.getRow(ROW, contractFields),
        base.isNullAt(RESCUED) ? null : base.getString(RESCUED));
  }

  private static RowType event(RowField... more) {
    List<RowField> fields = new ArrayList<>(EVENT);
    fields.addAll(List.of(more));
    return new RowType(true, fields);
  }

  private static GenericRowData event(int fields, Version at, long kafkaTimestamp) {
    GenericRowData row = new GenericRowData(fields);
    row.setField(0, at.order());
    row.setField(1, at.partition());
    row.setField(2, at.offset());
    row.setField(3, StringData.fromString(at.topic()));
    row.setField(4, kafkaTimestamp);
    return row;
  }

  private static Version version(RowData event) {
    return new Version(
        event.getLong(0), event.getInt(1), event.getLong(2), event.getString(3).toString());
  }

  private static long kafkaTimestamp(RowData event) {
    return event.getLong(4);
  }
}
