package io.medallion.services.demo;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.schemas.Layer;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType.RowField;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/** What the tables of a pipeline say about themselves, as any reader sees it. */
public final class WatchLayers {
  private final String warehouse;
  private final List<TableDefinition> tables;
  private final Map<String, Long> newestEvents = new HashMap<>();

  public WatchLayers(PipelineDefinition pipeline, String warehouse) {
    this.warehouse = warehouse;
    // The quarantine is written with silver's commits, which count it.
    TableDefinition quarantine = Tables.quarantine(pipeline);
    this.tables = Tables.all(pipeline).stream().filter(table -> !table.equals(quarantine)).toList();
  }

  /** The newest commit of every table of a layer, in the order of the data. */
  public List<LayerState> states() {
    return tables.stream().map(this::state).toList();
  }

  /**
   * The rows of each gold table with the largest first measure, at most {@code limit} of each; none
   * before the first commit.
   */
  List<GoldRows> topGold(int limit) {
    return tables.stream()
        .filter(table -> table.layer() == Layer.GOLD)
        .filter(table -> CommitLog.latest(warehouse, table).isPresent())
        .map(table -> top(table, limit))
        .toList();
  }

  private GoldRows top(TableDefinition table, int limit) {
    List<RowField> columns = table.columns().getFields();
    int measure =
        IntStream.range(0, columns.size())
            .filter(i -> !table.key().contains(columns.get(i).getName()))
            .filter(i -> columns.get(i).getType().is(LogicalTypeFamily.NUMERIC))
            .findFirst()
            .orElse(-1);
    DataStructureConverter<Object, Object> converter =
        DataStructureConverters.getConverter(
            TypeConversions.fromLogicalToDataType(table.columns()));
    converter.open(WatchLayers.class.getClassLoader());
    List<Row> rows = new ArrayList<>();
    new Lakehouse(warehouse, "").read(table, row -> rows.add((Row) converter.toExternal(row)));
    return new GoldRows(
        table.qualifiedName(),
        table.columns().getFieldNames(),
        rows.stream()
            .sorted(Comparator.comparingDouble(row -> -value(row, measure)))
            .limit(limit)
            .map(
                row ->
                    IntStream.range(0, row.getArity())
                        .mapToObj(i -> String.valueOf(row.getField(i)))
                        .toList())
            .toList());
  }

  private static double value(Row row, int column) {
    return column >= 0 && row.getField(column) instanceof Number number ? number.doubleValue() : 0;
  }

  private LayerState state(TableDefinition table) {
    Progress progress =
        CommitLog.latest(warehouse, table).map(Commit::progress).orElse(Progress.NONE);
    long newest =
        newestEvents.merge(
            table.qualifiedName(), progress.maxEventTime(), (a, b) -> Math.max(a, b));
    return new LayerState(table, progress, newest);
  }
}
