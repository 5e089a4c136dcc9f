package io.medallion.silver;

import io.medallion.schemas.Tables;
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
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.RowType.RowField;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * The record of a key as readers see it: the insert's fields with the corrections applied, then
 * {@code _rescued_data} of the insert, {@code _created_at} (Kafka's timestamp of the insert), and
 * of the last event in it {@code _last_modified} and the Kafka coordinates.
 */
final class MergedRecord {
  /**
   * Not part of any Avro name, so that no contract field can clash with a column that silver adds.
   */
  private static final String ADDED_PREFIX = "silver.";

  private static final List<RowField> ADDED =
      List.of(
          new RowField(ADDED_PREFIX + Tables.RESCUED_DATA, new VarCharType(VarCharType.MAX_LENGTH)),
          new RowField(ADDED_PREFIX + Tables.CREATED_AT, new TimestampType(3)),
          new RowField(ADDED_PREFIX + Tables.LAST_MODIFIED, new TimestampType(3)),
          new RowField(ADDED_PREFIX + Tables.KAFKA_TOPIC, new VarCharType(VarCharType.MAX_LENGTH)),
          new RowField(ADDED_PREFIX + Tables.KAFKA_PARTITION, new IntType()),
          new RowField(ADDED_PREFIX + Tables.KAFKA_OFFSET, new BigIntType()));

  private final RowType rowType;
  private final List<FieldGetter> fields = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();

  MergedRecord(RowType contract) {
    List<RowField> all = new ArrayList<>(contract.getFields());
    all.addAll(ADDED);
    this.rowType = new RowType(false, all);
    for (int i = 0; i < contract.getFieldCount(); i++) {
      fields.add(RowData.createFieldGetter(contract.getTypeAt(i), i));
      positions.put(contract.getFieldNames().get(i), i);
    }
  }

  /** The contract's fields, then the columns that silver adds. */
  RowType rowType() {
    return rowType;
  }

  /** The record, or null when the key has none. */
  @Nullable
  RowData of(KeyState state) {
    Base insert = state.base();
    if (insert == null || insert.row() == null) {
      return null;
    }
    GenericRowData record = new GenericRowData(rowType.getFieldCount());
    for (int i = 0; i < fields.size(); i++) {
      record.setField(i, fields.get(i).getFieldOrNull(insert.row()));
    }
    Version last = insert.at();
    long lastModified = insert.kafkaTimestamp();
    for (Map.Entry<String, Correction> corrected : state.corrections().entrySet()) {
      Correction correction = corrected.getValue();
      record.setField(positions.get(corrected.getKey()), correction.value());
      if (correction.at().isAfter(last)) {
        last = correction.at();
        lastModified = correction.kafkaTimestamp();
      }
    }
    int added = fields.size();
    record.setField(added, insert.rescued());
    record.setField(added + 1, TimestampData.fromEpochMillis(insert.kafkaTimestamp()));
    record.setField(added + 2, TimestampData.fromEpochMillis(lastModified));
    record.setField(added + 3, StringData.fromString(last.topic()));
    record.setField(added + 4, last.partition());
    record.setField(added + 5, last.offset());
    return record;
  }
}
