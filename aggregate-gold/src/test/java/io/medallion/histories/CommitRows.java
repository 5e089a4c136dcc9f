package io.medallion.histories;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Row;

/** Writes rows to {@link CommittedRows}, as our sink writes to tables: with the checkpoint. */
final class CommitRows extends AbstractStreamOperator<Row>
    implements OneInputStreamOperator<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final String table;
  private transient List<Row> rows;

  /** Only an operator with state learns which checkpoint it goes on from. */
  private transient ListState<Long> state;

  CommitRows(String table) {
    this.table = table;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    rows = new ArrayList<>();
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("checkpoint", Types.LONG));
    CommittedRows.rollBack(context.getRestoredCheckpointId().orElse(0));
  }

  @Override
  public void processElement(StreamRecord<Row> element) {
    rows.add(Row.copy(element.getValue()));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    CommittedRows.flush(table, context.getCheckpointId(), rows);
    rows.clear();
    state.update(List.of(context.getCheckpointId()));
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    CommittedRows.complete(checkpointId);
  }
}
