package io.medallion.gold;

import io.medallion.io.FormerRows;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.TableDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;

/**
 * Keeps of each group the last row between two checkpoints and passes it on just before the
 * barrier: a commit holds each group once, whether as a row or as a delete. (Hudi writes the
 * deletes of a flush behind its rows, so a group that empties and fills again within one commit
 * would be lost.) Needs its input keyed by group; nothing is left to keep in state.
 *
 * <p>Where another version of the table made its rows, the first barrier comes behind all groups of
 * this one: what differs takes their place, and what there is no group of any more is deleted.
 */
final class KeepLast extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final RowType columns;
  private final List<String> keyColumns;
  private final int[] keyIndexes;
  private final KeyText key;
  private final FormerRows formerRows;
  private transient RowDataSerializer rows;
  private transient Map<String, Group> groups;

  /** Rows of another version, by group, until the first barrier. */
  private transient Map<String, BinaryRowData> former;

  /**
   * @param formerRows of the same table
   */
  KeepLast(TableDefinition gold, FormerRows formerRows) {
    this.formerRows = formerRows;
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
    former = new LinkedHashMap<>();
    formerRows.read(
        getContainingTask().getEnvironment(),
        row -> {
          String group = key.of(row);
          if (isMine(group)) {
            former.put(group, rows.toBinaryRow(row).copy());
          }
        });
  }

  private boolean isMine(String group) {
    TaskInfo subtask = getRuntimeContext().getTaskInfo();
    return subtask.getIndexOfThisSubtask()
        == KeyGroupRangeAssignment.assignKeyToParallelOperator(
            group, subtask.getMaxNumberOfParallelSubtasks(), subtask.getNumberOfParallelSubtasks());
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
    for (Map.Entry<String, Group> each : groups.entrySet()) {
      Group group = each.getValue();
      boolean exists =
          group.last.getRowKind() == RowKind.INSERT
              || group.last.getRowKind() == RowKind.UPDATE_AFTER;
      BinaryRowData replaced = exists ? former.remove(each.getKey()) : null;
      if (exists) {
        // A group of a moment may be without it: one that a left join has not matched yet.
        requireKey(group.last);
      }
      if (exists || group.existed) {
        group.last.setRowKind(exists ? RowKind.INSERT : RowKind.DELETE);
        if (replaced == null || !replaced.equals(rows.toBinaryRow(group.last))) {
          emit(group.last);
        }
      }
      progress().count(Progress.ROWS, (exists ? 1 : 0) - (group.existed ? 1 : 0));
    }
    groups.clear();
    for (BinaryRowData gone : former.values()) {
      gone.setRowKind(RowKind.DELETE);
      emit(gone);
    }
    former.clear();
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  private void emit(RowData row) {
    output.collect(new StreamRecord<>(row));
    progress().count(Progress.CHANGES, 1);
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
