package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;

/**
 * Changes of a table that are read from it (the first input) before those that are relayed (the
 * second one). Both come {@linkplain #byKey by key}. Only between the first two barriers of the
 * relay come both at once; the relayed ones wait for the second of these then, before which all
 * others have come.
 */
final class OrderRows extends AbstractStreamOperator<RowData>
    implements TwoInputStreamOperator<RowData, RowData, RowData> {
  private static final long serialVersionUID = 1L;

  private final TypeSerializer<RowData> serializer;
  private transient List<RowData> relayed;
  private transient boolean inOrder;

  OrderRows(TableDefinition table) {
    serializer = InternalTypeInfo.of(table.columns()).toSerializer();
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void open() throws Exception {
    super.open();
    relayed = new ArrayList<>();
  }

  @Override
  public void processElement1(StreamRecord<RowData> read) {
    output.collect(read);
  }

  @Override
  public void processElement2(StreamRecord<RowData> element) {
    if (inOrder) {
      output.collect(element);
    } else {
      relayed.add(serializer.copy(element.getValue()));
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    if (!relayed.isEmpty()) {
      relayed.forEach(row -> output.collect(new StreamRecord<>(row)));
      relayed = new ArrayList<>();
      inOrder = true;
    }
  }

  /** The same number for all rows of a key, in every process. */
  static KeySelector<RowData, Integer> byKey(TableDefinition table) {
    RowData.FieldGetter[] key =
        table.key().stream()
            .mapToInt(table.columns()::getFieldIndex)
            .mapToObj(at -> RowData.createFieldGetter(table.columns().getTypeAt(at), at))
            .toArray(RowData.FieldGetter[]::new);
    return row -> {
      Object[] values = new Object[key.length];
      for (int i = 0; i < key.length; i++) {
        values[i] = key[i].getFieldOrNull(row);
      }
      return Arrays.deepHashCode(values);
    };
  }
}
