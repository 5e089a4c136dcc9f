package io.medallion.silver;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.annotation.Nullable;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;

/**
 * The events of the current key in Flink's state, each an entry of its own that names the one
 * before it, and apart from them which is the newest. So an event that comes in order costs the
 * reading of what is newer than the last insert or reversal, and the writing of one entry, however
 * long the history is; a late one is looked for from the newest on. (One row with all events would
 * be read and written whole each time: a key with most of the events would take the square of their
 * number. A map alone has no order that all state backends share.)
 *
 * <pre>
 *   newest ──▶ event ──previous──▶ event ──previous──▶ ... ──▶ oldest
 * </pre>
 */
final class HeldEvents {
  private final HistoryCodec codec;
  private final ValueState<String> newest;
  private final MapState<String, RowData> events;

  HeldEvents(RuntimeContext context, RowType contract, List<String> correctionSets) {
    codec = new HistoryCodec(contract, correctionSets);
    newest = context.getState(new ValueStateDescriptor<>("newest event", Types.STRING));
    events =
        context.getMapState(
            new MapStateDescriptor<>("events", Types.STRING, InternalTypeInfo.of(codec.rowType())));
  }

  /** The events that tell what an arriving one changes. */
  Newest since(Version arriving) throws Exception {
    List<Event> since = new ArrayList<>();
    String next = newest.value();
    while (next != null) {
      RowData row = events.get(next);
      Event event = codec.event(row);
      since.add(event);
      next = codec.previous(row);
      if (HistoryOfKey.isEnoughFrom(event, arriving)) {
        break;
      }
    }
    Collections.reverse(since);
    return new Newest(since, next);
  }

  /**
   * Holds other events in place of the newest ones.
   *
   * @param held in the order of their versions
   */
  void replace(Newest before, List<Event> held) throws Exception {
    Map<String, String> previousOf = new HashMap<>();
    String previous = before.previous;
    for (Event event : before.events) {
      previousOf.put(name(event), previous);
      previous = name(event);
    }
    String wasNewest = previous;
    previous = before.previous;
    for (Event event : held) {
      String name = name(event);
      boolean wasHeld = previousOf.containsKey(name);
      if (!wasHeld || !Objects.equals(previousOf.get(name), previous)) {
        events.put(name, codec.encode(event, previous));
      }
      previousOf.remove(name);
      previous = name;
    }
    for (String gone : previousOf.keySet()) {
      events.remove(gone);
    }
    if (!Objects.equals(previous, wasNewest)) {
      newest.update(previous);
    }
  }

  private static String name(Event event) {
    Version at = event.at();
    return at.order() + ":" + at.partition() + ":" + at.offset() + ":" + at.topic();
  }

  /**
   * The newest events of a key.
   *
   * @param events in the order of their versions
   * @param previous what the one before them is held under, or null when they are all
   */
  record Newest(List<Event> events, @Nullable String previous) {
    Newest {
      events = List.copyOf(events);
    }
  }
}
