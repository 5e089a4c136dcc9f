package io.medallion.silver;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;

/** Makes bytes of rows and rows of bytes, as RocksDB does between two events. */
final class StoreRows {
  private final RowDataSerializer serializer;

  StoreRows(RowType type) {
    serializer = new RowDataSerializer(type);
  }

  byte[] write(RowData row) {
    try {
      DataOutputSerializer output = new DataOutputSerializer(256);
      serializer.serialize(row, output);
      return output.getCopyOfBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RowData read(byte[] bytes) {
    try {
      return serializer.deserialize(new DataInputDeserializer(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
