package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;

/**
 * Lets records pass from where the bronze table stands: what it has already, from a job that was
 * restored from an older checkpoint or from none, is dropped here. Reports the offsets that pass.
 */
final class ContinueKafka extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final long timeoutMs;
  private final int topic;
  private final int partition;
  private final int offset;

  private transient ListState<Tuple2<String, Long>> state;
  private transient Map<String, Long> restored;
  private transient Map<String, Passed> passed;
  private transient Map<String, Long> stands;
  private transient PartitionNames names;

  /**
   * @param timeoutMs how long to wait until the table says where it stands
   */
  ContinueKafka(TableDefinition bronze, long timeoutMs) {
    this.table = bronze.qualifiedName();
    this.timeoutMs = timeoutMs;
    this.topic = bronze.columns().getFieldIndex(Tables.TOPIC);
    this.partition = bronze.columns().getFieldIndex(Tables.PARTITION);
    this.offset = bronze.columns().getFieldIndex(Tables.OFFSET);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    // Any subtask can look whether the table has come as far; it need not be the one that goes on
    // there. A union state would give each all of them, but a job with one cannot be stopped while
    // a checkpoint is under way.
    state =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>("offsets passed", Types.TUPLE(Types.STRING, Types.LONG)));
    restored = new HashMap<>();
    for (Tuple2<String, Long> next : state.get()) {
      restored.merge(next.f0, next.f1, Math::max);
    }
    passed = new HashMap<>();
    names = new PartitionNames();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.clear();
    for (Passed each : passed.values()) {
      state.add(Tuple2.of(each.topicPartition, each.next));
    }
    for (Map.Entry<String, Long> unseen : restored.entrySet()) {
      state.add(Tuple2.of(unseen.getKey(), unseen.getValue()));
    }
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData record = element.getValue();
    Passed here =
        passed.computeIfAbsent(
            names.of(record.getString(topic).toString(), record.getInt(partition)), this::start);
    long at = record.getLong(offset);
    if (at < here.next) {
      return;
    }
    long from = here.next == Passed.NOTHING ? at : here.next;
    here.next = at + 1;
    progress().read(here.topicPartition, new Span(from, here.next));
    output.collect(element);
  }

  /** Offsets that were restored here are compared although none of their records comes. */
  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    if (!restored.isEmpty()) {
      join();
    }
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  private Passed start(String topicPartition) {
    join();
    restored.remove(topicPartition);
    return new Passed(topicPartition, stands.getOrDefault(topicPartition, Passed.NOTHING));
  }

  private void join() {
    if (stands == null) {
      stands = new CommitLine(getContainingTask().getEnvironment(), table, timeoutMs).join();
      restored.forEach(
          (input, next) -> Continuation.of(table, stands, Map.of(input, new Span(next, next))));
    }
  }

  private static final class Passed {
    private static final long NOTHING = -1;

    private final String topicPartition;
    private long next;

    Passed(String topicPartition, long next) {
      this.topicPartition = topicPartition;
      this.next = next;
    }
  }
}
