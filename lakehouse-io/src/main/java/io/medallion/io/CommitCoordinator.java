package io.medallion.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.annotation.Nullable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.model.HoodieTableType;
import org.apache.hudi.common.model.WriteOperationType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.util.CommitUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.configuration.OptionsResolver;
import org.apache.hudi.sink.event.WriteMetadataEvent;
import org.apache.hudi.util.CompactionUtil;
import org.apache.hudi.util.FlinkWriteClients;
import org.apache.hudi.util.StreamerUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one commit of what all writers of a table wrote up to a checkpoint, and hands out the
 * instant they write next. Takes the place of Hudi's {@code StreamWriteOperatorCoordinator}, whose
 * buffer keeps the events of failed attempts and whose commits carry no position.
 *
 * <pre>
 * writers start  ──▶ {@link WriterStarted} from each  ──▶ commit the restored instant if it is still pending,
 *                                                    roll back any other, open a new instant
 * checkpoint     ──▶ written files from each writer
 * it completes   ──▶ commit them with the job's {@link Progress}, open a new instant
 * a writer fails ──▶ forget what it said; its state says it again after the restart
 * </pre>
 *
 * <p>All state is confined to one thread.
 */
final class CommitCoordinator implements OperatorCoordinator, CoordinationRequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(CommitCoordinator.class);

  private final Context context;
  private final Configuration conf;
  private final String pipeline;
  private final String table;
  private final String action;
  private final ExecutorService thread;

  private final WriterStarted[] started;
  private final WriteMetadataEvent[] written;

  private HoodieFlinkWriteClient<?> client;
  private HoodieTableMetaClient metaClient;
  private @Nullable String instant;
  private long settledCheckpoint = -1;
  private long restoredCheckpoint = -1;
  private final List<Waiting> waiting = new ArrayList<>();
  private Progress committed = Progress.NONE;

  private CommitCoordinator(Context context, Configuration conf, String pipeline, String table) {
    this.context = context;
    this.conf = conf;
    this.pipeline = pipeline;
    this.table = table;
    this.action =
        CommitUtils.getCommitActionType(
            WriteOperationType.fromValue(conf.get(FlinkOptions.OPERATION)),
            HoodieTableType.valueOf(conf.get(FlinkOptions.TABLE_TYPE)));
    int parallelism = context.currentParallelism();
    this.started = new WriterStarted[parallelism];
    this.written = new WriteMetadataEvent[parallelism];
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread created = new Thread(work, "commit " + table);
              created.setDaemon(true);
              created.setContextClassLoader(CommitCoordinator.class.getClassLoader());
              return created;
            });
  }

  /** Returns when the table is open: its writers read what opening it leaves in its folder. */
  @Override
  public void start() {
    CompletableFuture<Void> open = new CompletableFuture<>();
    run(
        "open " + table,
        () -> {
          try {
            metaClient = StreamerUtil.initTableIfNotExists(conf);
            client = FlinkWriteClients.createWriteClient(conf);
          } finally {
            open.complete(null);
          }
        });
    open.join();
  }

  @Override
  public void close() throws Exception {
    thread.shutdown();
    if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
      LOG.warn("A commit of {} takes longer than a minute; the next start decides about it", table);
      thread.shutdownNow();
    }
    if (client != null) {
      client.close();
    }
  }

  @Override
  public void handleEventFromOperator(int writer, int attempt, OperatorEvent event) {
    run(
        "take an event of writer " + writer,
        () -> {
          if (event instanceof WriterStarted start) {
            started[writer] = start;
            if (Arrays.stream(started).allMatch(Objects::nonNull)) {
              recover();
            }
          } else if (event instanceof WriteMetadataEvent files) {
            if (written[writer] == null) {
              written[writer] = files;
            } else {
              written[writer].mergeWith(files);
            }
          } else {
            throw new IllegalArgumentException("Unknown event " + event);
          }
        });
  }

  @Override
  public CompletableFuture<CoordinationResponse> handleCoordinationRequest(
      CoordinationRequest request) {
    Waiting writer =
        new Waiting(
            ((WriterInstants.NextInstant) request).checkpointId(), new CompletableFuture<>());
    run(
        "answer a writer",
        () -> {
          if (!answered(writer)) {
            waiting.add(writer);
          }
        });
    return writer.answer;
  }

  @Override
  public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
    // Behind a running commit, so that the next checkpoint does not start before the writers can
    // write on.
    thread.execute(() -> result.complete(new byte[0]));
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    run("commit checkpoint " + checkpointId, () -> commitCheckpoint(checkpointId));
  }

  @Override
  public void resetToCheckpoint(long checkpointId, byte[] state) {
    run("reset all writers", () -> reset(0, started.length, checkpointId));
  }

  @Override
  public void subtaskReset(int writer, long checkpointId) {
    run("reset writer " + writer, () -> reset(writer, writer + 1, checkpointId));
  }

  @Override
  public void executionAttemptFailed(int writer, int attempt, Throwable reason) {
    run("forget writer " + writer, () -> forget(writer, writer + 1));
  }

  @Override
  public void executionAttemptReady(int writer, int attempt, SubtaskGateway gateway) {}

  private void reset(int from, int to, long checkpointId) {
    forget(from, to);
    restoredCheckpoint = checkpointId;
  }

  private void forget(int from, int to) {
    Arrays.fill(started, from, to, null);
    Arrays.fill(written, from, to, null);
    // All writers restart together; none may write before what they bring from their state is
    // settled.
    instant = null;
  }

  private void recover() {
    metaClient.reloadActiveTimeline();
    List<WriteStatus> files = new ArrayList<>();
    String restored = "";
    for (WriterStarted writer : started) {
      for (WriteMetadataEvent event : writer.restored()) {
        if (metaClient
            .getActiveTimeline()
            .filterPendingExcludingCompaction()
            .containsInstant(event.getInstantTime())) {
          restored = event.getInstantTime();
          files.addAll(event.getWriteStatuses());
        }
      }
    }
    committed = CommitLog.latest(metaClient).map(Commit::progress).orElse(Progress.NONE);
    if (!files.isEmpty()) {
      LOG.info("{}: commits instant {} of the restored checkpoint", table, restored);
      Progress progress = ProgressDesk.of(context).at(restoredCheckpoint, table);
      // A new JobManager knows no reports; the counters are totals, so the next commit makes up for
      // this one.
      commit(
          restored,
          files,
          restoredCheckpoint,
          progress.equals(Progress.NONE) ? committed : progress);
    }
    Arrays.fill(started, null);
    Arrays.fill(written, null);
    openInstant();
    settle(restoredCheckpoint);
  }

  private void commitCheckpoint(long checkpointId) {
    if (Arrays.stream(written).anyMatch(Objects::isNull)) {
      LOG.info(
          "{}: checkpoint {} is committed after the restart that is under way",
          table,
          checkpointId);
      return;
    }
    List<WriteStatus> files = new ArrayList<>();
    for (WriteMetadataEvent event : written) {
      if (!event.getWriteStatuses().isEmpty() && !event.getInstantTime().equals(instant)) {
        throw new IllegalStateException(
            "Writer %d wrote files of instant %s while instant %s was open."
                .formatted(event.getTaskID(), event.getInstantTime(), instant));
      }
      files.addAll(event.getWriteStatuses());
    }
    Progress progress = ProgressDesk.of(context).at(checkpointId, table);
    Arrays.fill(written, null);
    if (files.isEmpty() && progress.counters().equals(committed.counters())) {
      settle(checkpointId);
      return;
    }
    commit(instant, files, checkpointId, progress);
    if (!OptionsResolver.isAppendMode(conf)) {
      CompactionUtil.scheduleCompaction(metaClient, client, false, true);
    }
    openInstant();
    settle(checkpointId);
  }

  /** A checkpoint is committed or held nothing: its writers may write on. */
  private void settle(long checkpointId) {
    settledCheckpoint = Math.max(settledCheckpoint, checkpointId);
    waiting.removeIf(this::answered);
  }

  private boolean answered(Waiting writer) {
    boolean settled = instant != null && writer.checkpointId <= settledCheckpoint;
    if (settled) {
      writer.answer.complete(WriterInstants.answer(instant));
    }
    return settled;
  }

  private void commit(String at, List<WriteStatus> files, long checkpointId, Progress progress) {
    boolean success =
        client.commit(
            at,
            files,
            Option.of(
                CommitLog.metadata(
                    pipeline, table.substring(0, table.indexOf('.')), "", checkpointId, progress)),
            action,
            Map.of());
    if (!success) {
      throw new IllegalStateException("Hudi refused to commit instant " + at + " of " + table);
    }
    committed = progress;
  }

  /** Rolls back every other pending write and lets the writers go on. */
  private void openInstant() {
    metaClient.reloadActiveTimeline();
    client.preTxn(metaClient);
    instant = client.startCommit(action, metaClient);
    metaClient.getActiveTimeline().transitionRequestedToInflight(action, instant);
  }

  private void run(String what, Work work) {
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable failure) {
            context.failJob(
                new IllegalStateException("Could not " + what + " (" + table + ")", failure));
          }
        });
  }

  private record Waiting(long checkpointId, CompletableFuture<CoordinationResponse> answer) {}

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  /** Makes the coordinator in the JobManager. */
  static final class Provider implements OperatorCoordinator.Provider {
    private static final long serialVersionUID = 1L;

    private final OperatorID operator;
    private final Configuration conf;
    private final String pipeline;
    private final String table;

    Provider(OperatorID operator, Configuration conf, String pipeline, String table) {
      this.operator = operator;
      this.conf = conf;
      this.pipeline = pipeline;
      this.table = table;
    }

    @Override
    public OperatorID getOperatorId() {
      return operator;
    }

    @Override
    public OperatorCoordinator create(Context context) {
      return new CommitCoordinator(context, conf, pipeline, table);
    }
  }
}
