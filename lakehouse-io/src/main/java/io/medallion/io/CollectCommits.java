package io.medallion.io;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Row;
import org.apache.flink.util.InstantiationUtil;

/**
 * Keeps in the checkpoint what that checkpoint still has to commit, and hands it to the {@link
 * CommitCoordinator}. One subtask for each table: it makes one failover region of all that writes
 * to the table, and no rescaling can scatter its state.
 */
final class CollectCommits extends AbstractStreamOperator<Object>
    implements OneInputStreamOperator<Row, Object> {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final transient OperatorEventGateway coordinator;
  private transient CommitLine line;
  private transient volatile LastCommit last;
  private transient ListState<byte[]> state;
  private transient List<Epoch> unsettled;
  private transient TreeMap<String, List<byte[]>> files;
  private transient Progress progress;

  /**
   * @param table qualified name
   */
  CollectCommits(String table, OperatorEventGateway coordinator) {
    this.table = table;
    this.coordinator = coordinator;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "epochs", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    unsettled = new ArrayList<>();
    for (byte[] epoch : state.get()) {
      unsettled.add(
          InstantiationUtil.<Epoch>deserializeObject(epoch, CollectCommits.class.getClassLoader()));
    }
    files = new TreeMap<>();
    progress = Progress.NONE;
    coordinator.sendEventToCoordinator(new Started(List.copyOf(unsettled)));
  }

  @Override
  public void open() throws Exception {
    super.open();
    // It never waits for an answer.
    line = new CommitLine(getContainingTask().getEnvironment(), table, 0);
    last = LastCommit.NONE;
    new JobMetrics(getMetricGroup()).commits(() -> last);
  }

  @Override
  public void processElement(StreamRecord<Row> element) {
    Row part = element.getValue();
    if (CommitPart.hasFiles(part)) {
      files
          .computeIfAbsent(CommitPart.instant(part), first -> new ArrayList<>())
          .add(CommitPart.files(part));
    } else {
      progress = progress.plus(CommitPart.progress(part));
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    Epoch epoch = new Epoch(context.getCheckpointId(), files, progress);
    files = new TreeMap<>();
    progress = Progress.NONE;
    if (!epoch.isEmpty()) {
      unsettled.add(epoch);
      coordinator.sendEventToCoordinator(new Flushed(epoch));
    }
    List<byte[]> stored = new ArrayList<>();
    for (Epoch kept : unsettled) {
      stored.add(InstantiationUtil.serializeObject(kept));
    }
    state.update(stored);
  }

  /**
   * What the checkpoint held need not be kept any longer: the coordinator begins no checkpoint
   * before it has committed the last one.
   */
  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    unsettled.removeIf(epoch -> epoch.checkpointId() <= checkpointId);
    CompletableFuture<Void> unused =
        line.lastCommit(checkpointId).thenAccept(commit -> last = commit);
  }

  /**
   * The first word of each attempt.
   *
   * @param restored what the restored checkpoint had not committed yet, oldest first
   */
  record Started(List<Epoch> restored) implements OperatorEvent {
    private static final long serialVersionUID = 1L;
  }

  /** An epoch that is ready to be committed once its checkpoint is complete. */
  record Flushed(Epoch epoch) implements OperatorEvent {
    private static final long serialVersionUID = 1L;
  }

  /** Makes the operator, and its coordinator in the JobManager. */
  static final class Factory extends AbstractStreamOperatorFactory<Object>
      implements OneInputStreamOperatorFactory<Row, Object>, CoordinatedOperatorFactory<Object> {
    private static final long serialVersionUID = 1L;

    private final Configuration conf;
    private final String pipeline;
    private final String table;
    @Nullable private final String behind;

    /**
     * @param conf of the table's writers
     * @param table qualified name
     * @param behind the table of the same job to commit behind, if any
     */
    Factory(Configuration conf, String pipeline, String table, @Nullable String behind) {
      this.conf = conf;
      this.pipeline = pipeline;
      this.table = table;
      this.behind = behind;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<Object>> T createStreamOperator(
        StreamOperatorParameters<Object> parameters) {
      CollectCommits operator =
          new CollectCommits(
              table,
              parameters
                  .getOperatorEventDispatcher()
                  .getOperatorEventGateway(parameters.getStreamConfig().getOperatorID()));
      operator.setup(
          parameters.getContainingTask(), parameters.getStreamConfig(), parameters.getOutput());
      return (T) operator;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
      return CollectCommits.class;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
      return new CommitCoordinator.Provider(operator, conf, pipeline, table, behind);
    }
  }
}
