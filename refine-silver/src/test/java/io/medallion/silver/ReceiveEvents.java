package io.medallion.silver;

import java.io.IOException;
import java.io.UncheckedIOException;
import javax.annotation.Nullable;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;

/** One key of a silver job: keeps its state as bytes between two events, as RocksDB does. */
final class ReceiveEvents {
  private final MergeEvents merge = Orders.merge();
  private final RowDataSerializer serializer = new RowDataSerializer(merge.stateType());
  @Nullable private byte[] state;
  private String record = Orders.show(null);
  private Tally total = new Tally(0, 0, 0, 0);

  /** Merges an event; fails when its record before is not the one that was left. */
  MergedEvent receive(Event event) {
    MergedEvent merged = merge.merge(state == null ? null : read(state), event);
    if (!Orders.show(merged.before()).equals(record)) {
      throw new AssertionError(
          "%s was seen last, now before is %s".formatted(record, Orders.show(merged.before())));
    }
    state = write(merged.state());
    record = Orders.show(merged.after());
    Tally tally = merged.tally();
    total =
        new Tally(
            total.applied() + tally.applied(),
            total.superseded() + tally.superseded(),
            total.duplicate() + tally.duplicate(),
            total.pending() + tally.pending());
    return merged;
  }

  String record() {
    return record;
  }

  Tally total() {
    return total;
  }

  private byte[] write(RowData row) {
    try {
      DataOutputSerializer output = new DataOutputSerializer(256);
      serializer.serialize(row, output);
      return output.getCopyOfBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RowData read(byte[] bytes) {
    try {
      return serializer.deserialize(new DataInputDeserializer(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
