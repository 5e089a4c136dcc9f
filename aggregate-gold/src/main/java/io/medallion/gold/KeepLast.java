package io.medallion.gold;

import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.TableDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;

/**
 * Keeps of each group the last row between two checkpoints and passes it on just before the
 * barrier: a commit holds each group once, whether as a row or as a delete. (Hudi writes the
 * deletes of a flush behind its rows, so a group that empties and fills again within one commit
 * would be lost.) Needs its input keyed by group; nothing is left to keep in state.
 */
final class KeepLast extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final RowType columns;
  private final List<String> keyColumns;
  private final int[] keyIndexes;
  private final KeyText key;
  private transient RowDataSerializer rows;
  private transient Map<String, Group> groups;

  KeepLast(TableDefinition gold) {
    table = gold.qualifiedName();
    columns = gold.columns();
    keyColumns = gold.key();
    keyIndexes = keyColumns.stream().mapToInt(columns::getFieldIndex).toArray();
    key = new KeyText(gold.columns(), gold.key());
  }

  @Override
  public void open() throws Exception {
    super.open();
    rows = new RowDataSerializer(columns);
    groups = new LinkedHashMap<>();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData change = element.getValue();
    Group group =
        groups.computeIfAbsent(
            key.of(change), first -> new Group(change.getRowKind() != RowKind.INSERT));
    group.last = rows.copy(change);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    for (Group group : groups.values()) {
      boolean exists =
          group.last.getRowKind() == RowKind.INSERT
              || group.last.getRowKind() == RowKind.UPDATE_AFTER;
      if (exists) {
        // A group of a moment may be without it: one that a left join has not matched yet.
        requireKey(group.last);
      }
      if (exists || group.existed) {
        group.last.setRowKind(exists ? RowKind.INSERT : RowKind.DELETE);
        output.collect(new StreamRecord<>(group.last));
        progress().count(Progress.CHANGES, 1);
      }
      progress().count(Progress.ROWS, (exists ? 1 : 0) - (group.existed ? 1 : 0));
    }
    groups.clear();
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  /** Hudi stores no row without its whole key, and would fail at each attempt to. */
  private void requireKey(RowData row) {
    for (int i = 0; i < keyIndexes.length; i++) {
      if (row.isNullAt(keyIndexes[i])) {
        throw new SuppressRestartsException(
            new IllegalStateException(
                "A group of %s has no %s, which is in its key; a key must have a value. Give it one in the query (COALESCE), or quarantine events without one (not-null), and start aggregate-gold without a checkpoint."
                    .formatted(table, keyColumns.get(i))));
      }
    }
  }

  private static final class Group {
    private final boolean existed;
    private RowData last;

    Group(boolean existed) {
      this.existed = existed;
    }
  }
}
