package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/** What one job writes, for what it reads of that itself. */
final class WrittenTables {
  private final Map<String, DataStream<RowData>> rows = new HashMap<>();
  private final Map<String, String> madeOf = new HashMap<>();

  /**
   * The job writes a table.
   *
   * @return the table of the job that it is made of, or null
   */
  @Nullable
  String write(TableDefinition table, DataStream<RowData> written) {
    rows.put(table.qualifiedName(), written);
    return madeOf.get(table.qualifiedName());
  }

  /**
   * The job follows a table.
   *
   * @param into what it makes of it
   * @return the rows if it writes that table, or null
   */
  @Nullable
  DataStream<RowData> follow(TableDefinition table, List<TableDefinition> into) {
    DataStream<RowData> written = rows.get(table.qualifiedName());
    if (written != null) {
      into.forEach(target -> madeOf.put(target.qualifiedName(), table.qualifiedName()));
    }
    return written;
  }
}
