package io.medallion.gold;

import io.medallion.schemas.Reference;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

/**
 * Emits the rows of a reference file once, before the job's first barrier: so every commit is made
 * with all of them. What it gets only brings the barriers.
 */
final class EmitReference extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<Row, RowData> {
  private static final long serialVersionUID = 1L;

  private final Reference.OfFile reference;
  private transient ListState<Boolean> state;
  private transient boolean emitted;

  EmitReference(Reference.OfFile reference) {
    this.reference = reference;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("emitted", Types.BOOLEAN));
    emitted = state.get().iterator().hasNext();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.update(List.of(true));
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    if (!emitted) {
      reference.rowData().forEach(row -> output.collect(new StreamRecord<>(row)));
      emitted = true;
    }
  }

  @Override
  public void processElement(StreamRecord<Row> report) {}
}
