package io.medallion.io;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.OutputTag;

/**
 * Hands rows that the job writes to a table on to what follows that table in the same job, from the
 * barrier on that {@link PlanReads} has asked for; those before it are read from the table. Tells
 * it before each barrier how many rows went by.
 */
final class RelayRows extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<RowData, RowData> {
  private static final long serialVersionUID = 1L;

  /**
   * {@code (rows held back, rows relayed, instant)}: what has passed a relay since its last
   * barrier, or, of a writer, 0 and 0 and the instant of the files that it has closed.
   */
  static final TypeInformation<Tuple3<Long, Long, Long>> COUNTS_TYPE =
      Types.TUPLE(Types.LONG, Types.LONG, Types.LONG);

  /** Where the counts go. */
  static final OutputTag<Tuple3<Long, Long, Long>> COUNTS = new OutputTag<>("relayed", COUNTS_TYPE);

  private final String table;
  private final long timeoutMs;
  private transient CommitLine line;
  private transient boolean relays;
  private transient long rows;

  /**
   * @param table qualified name
   * @param timeoutMs how long to wait for an answer
   */
  RelayRows(String table, long timeoutMs) {
    this.table = table;
    this.timeoutMs = timeoutMs;
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    line = new CommitLine(getContainingTask().getEnvironment(), table, timeoutMs);
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    rows++;
    if (relays) {
      output.collect(element);
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    if (rows > 0) {
      output.collect(
          COUNTS, new StreamRecord<>(relays ? Tuple3.of(0L, rows, 0L) : Tuple3.of(rows, 0L, 0L)));
      rows = 0;
    }
    relays = relays || line.relaysAfter(checkpointId);
  }
}
