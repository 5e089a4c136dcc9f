package io.medallion.services.quarantine;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.ReplayRequest;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.table.data.RowData;

/** The events that are in quarantine: those that no replay has brought into silver. */
final class OpenEvents {
  private static final List<String> PLACE =
      List.of(Tables.TOPIC, Tables.PARTITION, Tables.OFFSET, Tables.REPLAYED_AT);

  private OpenEvents() {}

  /**
   * Shows those of them that a request asks for. Holds the places of what was replayed in memory.
   */
  static void read(
      Lakehouse lakehouse,
      TableDefinition quarantine,
      ReplayRequest request,
      Consumer<QuarantinedEvent> events) {
    Set<String> replayed = new HashSet<>();
    lakehouse.read(
        quarantine,
        PLACE,
        row -> {
          if (!row.isNullAt(PLACE.size() - 1)) {
            replayed.add(place(row));
          }
        });
    List<String> columns = new ArrayList<>(QuarantinedEvent.COLUMNS);
    int replayedAt = columns.size();
    columns.add(Tables.REPLAYED_AT);
    int instant = columns.size();
    columns.add(Lakehouse.COMMIT_INSTANT);
    lakehouse.read(
        quarantine,
        columns,
        row -> {
          if (row.isNullAt(replayedAt) && !replayed.contains(place(row))) {
            QuarantinedEvent event = QuarantinedEvent.of(row);
            if (request.asksFor(
                row.getString(instant).toString(),
                event.rules(),
                event.quarantinedAt().toEpochMilli())) {
              events.accept(event);
            }
          }
        });
  }

  private static String place(RowData row) {
    return QuarantinedEvent.place(row.getString(0).toString(), row.getInt(1), row.getLong(2));
  }
}
