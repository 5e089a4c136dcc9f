package io.medallion.silver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.annotation.Nullable;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;

/** One key of a silver job: keeps its state as bytes between two events, as RocksDB does. */
final class ReceiveEvents {
  private final MergeEvents merge;
  private final RowDataSerializer serializer;
  private final Map<Version, Map<Outcome, Integer>> counts = new HashMap<>();
  @Nullable private byte[] state;
  private String record = Orders.show(null);

  ReceiveEvents(MergeEvents merge) {
    this.merge = merge;
    this.serializer = new RowDataSerializer(merge.stateType());
  }

  /** Merges an event; fails when its record before is not the one that was left. */
  MergedEvent receive(Event event) {
    MergedEvent merged = merge.merge(state == null ? null : read(state), event);
    if (!Orders.show(merged.before()).equals(record)) {
      throw new AssertionError(
          "%s was seen last, now before is %s".formatted(record, Orders.show(merged.before())));
    }
    state = write(merged.state());
    record = Orders.show(merged.after());
    count(event.at(), merged.outcome(), 1);
    for (Move move : merged.moves()) {
      count(move.event(), move.from(), -1);
      count(move.event(), move.to(), 1);
    }
    return merged;
  }

  private void count(Version event, Outcome outcome, int by) {
    counts.computeIfAbsent(event, first -> new HashMap<>()).merge(outcome, by, Integer::sum);
  }

  String record() {
    return record;
  }

  /** How many events are in each outcome; without outcomes that no event is in. */
  Map<Outcome, Integer> total() {
    return total(event -> true);
  }

  /** The same of some events, by their place in the order. */
  Map<Outcome, Integer> total(Predicate<Version> which) {
    Map<Outcome, Integer> total = new EnumMap<>(Outcome.class);
    counts.forEach(
        (event, outcomes) -> {
          if (which.test(event)) {
            outcomes.forEach((outcome, count) -> total.merge(outcome, count, Integer::sum));
          }
        });
    total.values().removeIf(count -> count == 0);
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
