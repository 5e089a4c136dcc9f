package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.annotation.Nullable;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

/** What one job writes, for what it reads of that itself. */
final class WrittenTables {
  private final Map<String, Relayed> written = new HashMap<>();
  private final Map<String, String> madeOf = new HashMap<>();
  private final Set<String> followed = new HashSet<>();

  /**
   * A table that the job writes.
   *
   * @param rows what is written
   * @param instants under which; {@link RelayRows#COUNTS}
   */
  record Relayed(DataStream<RowData> rows, DataStream<Tuple3<Long, Long, Long>> instants) {}

  /** The table of the job that another one is made of, or null. */
  @Nullable
  String behind(TableDefinition table) {
    return madeOf.get(table.qualifiedName());
  }

  /** The job writes a table. */
  void add(TableDefinition table, DataStream<RowData> rows, SingleOutputStreamOperator<Row> by) {
    if (followed.contains(table.qualifiedName())) {
      throw new IllegalStateException(
          table.qualifiedName() + " is followed before it is written, so nothing is relayed.");
    }
    written.put(table.qualifiedName(), new Relayed(rows, by.getSideOutput(RelayRows.COUNTS)));
  }

  /**
   * The job follows a table.
   *
   * @param into what it makes of it
   * @return what to relay, if it writes that table
   */
  Optional<Relayed> follow(TableDefinition table, List<TableDefinition> into) {
    followed.add(table.qualifiedName());
    Optional<Relayed> relayed = Optional.ofNullable(written.get(table.qualifiedName()));
    if (relayed.isPresent()) {
      into.forEach(target -> madeOf.put(target.qualifiedName(), table.qualifiedName()));
    }
    return relayed;
  }
}
