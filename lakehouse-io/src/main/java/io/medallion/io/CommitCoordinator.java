package io.medallion.io;

import io.medallion.io.CommitLine.AskLast;
import io.medallion.io.CommitLine.AskRelay;
import io.medallion.io.CommitLine.AskSettled;
import io.medallion.io.CommitLine.Compacted;
import io.medallion.io.CommitLine.Join;
import io.medallion.io.CommitLine.NewInstant;
import io.medallion.io.CommitLine.NextInstant;
import io.medallion.io.CommitLine.OfAttempt;
import io.medallion.io.CommitLine.Relay;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import javax.annotation.Nullable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.hudi.client.WriteStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what {@link CollectCommits} keeps once its checkpoint is complete, and hands out the
 * instants that writers write under. What is true is read from the table:
 *
 * <pre>
 * an attempt starts ──▶ become the table's owner; commit what the restored checkpoint had not; roll back the rest
 * a writer asks     ──▶ open an instant for what follows its last barrier; the one before may still be pending
 * an epoch comes    ──▶ keep it
 * its checkpoint is complete ──▶ commit it, if its position continues that of the last commit
 * a compaction is written   ──▶ commit it, if it is of this attempt
 * an attempt fails  ──▶ forget everything
 * </pre>
 *
 * <p>An epoch whose position the table has already passed is dropped: the job was restored from an
 * older checkpoint. One that leaves a hole stops the job.
 *
 * <p>A table whose rows are made of those of another one that the same job writes is committed
 * behind that one: it must never name a commit that is not there after a crash.
 *
 * <p>All state is confined to one thread.
 */
final class CommitCoordinator implements OperatorCoordinator, CoordinationRequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(CommitCoordinator.class);

  /** The barrier that writers follow before their first one. */
  private static final long START = -1;

  private final Context context;
  private final String pipeline;
  private final String table;
  private final @Nullable String behind;
  private final OpenTimeline openTimeline;
  private final Duration renewal;
  private final ExecutorService thread;
  private final ScheduledExecutorService renewals;

  private TableTimeline timeline;
  private TableOwner owner;

  /** Names the attempt that writes; null while one starts. */
  private volatile @Nullable String generation;

  private int attempt;
  private Progress committed = Progress.NONE;
  private LastCommit last = LastCommit.NONE;

  /** The last checkpoint of this attempt whose epoch is committed, or had nothing to commit. */
  private long settled;

  private final TreeMap<Long, Epoch> flushed = new TreeMap<>();

  /** The checkpoints whose barriers writers may still go on from, and -1 for the start. */
  private final TreeSet<Long> begun = new TreeSet<>();

  /** By the barrier that they follow: instants, each later than those of the barriers before. */
  private final TreeMap<Long, String> instants = new TreeMap<>();

  /** Those of the instants that are on the timeline, to be committed. */
  private final Set<String> opened = new HashSet<>();

  private final List<Waiting> waiting = new ArrayList<>();

  /** Rows are relayed from the first barrier after this checkpoint's on. */
  private long relayedAfter;

  /** Of the table to commit behind. */
  private String generationBefore = "";

  /** What the thread waits for, of the table to commit behind. */
  private volatile @Nullable CompletableFuture<CoordinationResponse> awaited;

  private volatile boolean closing;

  private CommitCoordinator(
      Context context, Configuration conf, String pipeline, String table, @Nullable String behind) {
    this(
        context,
        pipeline,
        table,
        behind,
        () -> new TableTimeline(conf, Clock.system(ZoneId.systemDefault())),
        TableOwner.RENEWAL,
        Executors.newSingleThreadExecutor(daemon("commit " + table)));
  }

  /**
   * @param behind the table of the same job to commit behind, if any
   * @param renewal how often to prove that the table is still this job's
   * @param thread all work is done there
   */
  CommitCoordinator(
      Context context,
      String pipeline,
      String table,
      @Nullable String behind,
      OpenTimeline openTimeline,
      Duration renewal,
      ExecutorService thread) {
    this.context = context;
    this.pipeline = pipeline;
    this.table = table;
    this.behind = behind;
    this.openTimeline = openTimeline;
    this.renewal = renewal;
    this.thread = thread;
    this.renewals = Executors.newSingleThreadScheduledExecutor(daemon("own " + table));
  }

  @Override
  public void start() {
    context.getCoordinatorStore().compute(CommitLine.uid(table), (uid, former) -> this);
    run("open", this::open);
  }

  private void open() throws IOException {
    if (timeline == null) {
      timeline = openTimeline.open();
      owner =
          new TableOwner(
              timeline.files(), timeline.folder(), table, variable("<job_name>"), jobId(), renewal);
    }
    if (!owner.isAcquired()) {
      owner.acquire();
      Future<?> unused =
          renewals.scheduleWithFixedDelay(
              this::stayOwner, renewal.toMillis(), renewal.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void stayOwner() {
    try {
      owner.prove();
    } catch (TableOwner.TableTakenException replaced) {
      context.failJob(new SuppressRestartsException(replaced));
      renewals.shutdown();
    } catch (IOException | RuntimeException storage) {
      LOG.warn("Could not renew the ownership of {}; the next try is due soon", table, storage);
    }
  }

  /** Lets a commit finish that is under way. */
  @Override
  public void close() throws Exception {
    closing = true;
    CompletableFuture<CoordinationResponse> start = generation == null ? awaited : null;
    if (start != null) {
      start.cancel(true);
    }
    thread.shutdown();
    boolean done = thread.awaitTermination(1, TimeUnit.MINUTES);
    renewals.shutdownNow();
    if (!done) {
      LOG.warn("A commit of {} takes longer than a minute; the next start decides about it", table);
      return;
    }
    waiting.forEach(asked -> asked.fail("is closed"));
    if (timeline != null) {
      owner.release();
      timeline.close();
    }
  }

  @Override
  public void handleEventFromOperator(int subtask, int from, OperatorEvent event) {
    run(
        "take what attempt " + from + " has to say",
        () -> {
          if (event instanceof CollectCommits.Started started) {
            attempt = from;
            recover(started.restored());
          } else if (event instanceof CollectCommits.Flushed flush) {
            if (generation != null && from == attempt) {
              flushed.put(flush.epoch().checkpointId(), flush.epoch());
            }
          } else {
            throw new IllegalArgumentException("Unknown event " + event);
          }
        });
  }

  @Override
  public CompletableFuture<CoordinationResponse> handleCoordinationRequest(
      CoordinationRequest request) {
    Waiting asked = new Waiting(request, new CompletableFuture<>());
    boolean taken =
        run(
            "answer",
            () -> {
              waiting.add(asked);
              answer();
            });
    if (!taken) {
      answerClosed(asked);
    }
    return asked.answer;
  }

  /** What is behind the last commit of a job that was stopped can be committed, too. */
  private void answerClosed(Waiting asked) {
    try {
      if (asked.request instanceof AskSettled ask
          && thread.awaitTermination(1, TimeUnit.MINUTES)
          && ask.generation().equals(generation)
          && settled >= ask.checkpointId()) {
        asked.answer.complete(CommitLine.answer(""));
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    asked.fail("is closed");
  }

  @Override
  public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
    // Behind a running commit: when a checkpoint is taken, the last one is settled.
    run(
        "begin checkpoint " + checkpointId,
        () -> {
          begun.add(checkpointId);
          answer();
          result.complete(new byte[0]);
        });
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    run(
        "commit checkpoint " + checkpointId,
        () -> {
          if (generation != null) {
            commitUpTo(checkpointId);
          }
        });
  }

  @Override
  public void resetToCheckpoint(long checkpointId, @Nullable byte[] state) {
    run("reset", this::forget);
  }

  @Override
  public void subtaskReset(int subtask, long checkpointId) {
    run("reset", this::forget);
  }

  @Override
  public void executionAttemptFailed(int subtask, int failed, @Nullable Throwable reason) {
    run(
        "forget attempt " + failed,
        () -> {
          if (failed >= attempt) {
            forget();
          }
        });
  }

  @Override
  public void executionAttemptReady(int subtask, int ready, SubtaskGateway gateway) {}

  /** What it said is in its checkpoint, or is to be rolled back. */
  private void forget() {
    generation = null;
    settled = START;
    flushed.clear();
    begun.clear();
    begun.add(START);
    instants.clear();
    opened.clear();
    relayedAfter = Long.MAX_VALUE;
    waiting.removeIf(
        asked -> {
          boolean ofAttempt = asked.request instanceof AskSettled;
          if (ofAttempt) {
            asked.fail("begins again");
          }
          return ofAttempt;
        });
  }

  private void recover(List<Epoch> restored) throws IOException {
    forget();
    open();
    if (behind != null) {
      Optional<CoordinationResponse> joined = askBefore(new Join());
      if (joined.isEmpty()) {
        return;
      }
      generationBefore = CommitLine.joined(joined.get()).generation();
    }
    owner.prove();
    timeline.finishRollbacks();
    committed = timeline.latest();
    last = new LastCommit(last.visibleAt(), last.durationMs(), newestEvent(committed));
    Optional<Epoch> unfinished = timeline.unfinished();
    if (unfinished.isPresent()) {
      LOG.info("{}: finishes checkpoint {}", table, unfinished.get().checkpointId());
      commit(unfinished.get());
    }
    Epoch before = null;
    for (Epoch next : restored) {
      Epoch epoch = before == null ? next : next.after(before);
      before = null;
      if (!epoch.files().isEmpty()
          && epoch.files().keySet().stream().allMatch(timeline::isCompleted)) {
        continue;
      }
      LOG.info("{}: settles checkpoint {} of the restored job", table, epoch.checkpointId());
      if (epoch.files().isEmpty()
          && next.checkpointId() != restored.get(restored.size() - 1).checkpointId()
          && continuation(epoch) == Continuation.CONTINUES) {
        // Its instant would be later than that of the next one, which is open already.
        before = epoch;
      } else {
        settle(epoch);
      }
    }
    tidyUp();
    generation = UUID.randomUUID().toString();
    answer();
  }

  private void commitUpTo(long checkpointId) throws IOException {
    if (behind != null && askBefore(new AskSettled(generationBefore, checkpointId)).isEmpty()) {
      return;
    }
    owner.prove();
    for (Iterator<Epoch> due = flushed.headMap(checkpointId, true).values().iterator();
        due.hasNext(); ) {
      Epoch epoch = due.next();
      due.remove();
      settle(epoch);
      opened.removeAll(epoch.files().keySet());
    }
    settled = checkpointId;
    begun.headSet(checkpointId).clear();
    instants.headMap(checkpointId).clear();
    tidyUp();
    answer();
  }

  /**
   * Asks the coordinator of the table to commit behind, and waits for the answer.
   *
   * @return empty if this attempt of the job ends before
   */
  private Optional<CoordinationResponse> askBefore(CoordinationRequest request) {
    CoordinationRequestHandler before =
        (CoordinationRequestHandler) context.getCoordinatorStore().get(CommitLine.uid(behind));
    CompletableFuture<CoordinationResponse> answer = before.handleCoordinationRequest(request);
    awaited = answer;
    if (closing && request instanceof Join) {
      answer.cancel(true);
    }
    try {
      return Optional.of(answer.get());
    } catch (ExecutionException | CancellationException ended) {
      LOG.info("{}: {} does not answer {}: {}", table, behind, request, ended.getMessage());
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + behind, interrupted);
    } finally {
      awaited = null;
    }
  }

  /**
   * A rollback and a compaction wait until nothing is written. A rollback stands in the logs with
   * the newest instant there is, and a reader stops at what is later than the commit it reads up
   * to: it would not see what an instant that is open by then writes behind it. A compaction names
   * the files to compact.
   */
  private void tidyUp() throws IOException {
    if (opened.isEmpty()) {
      timeline.rollBackPending(owner::prove);
    }
    timeline.removeOrphans();
    if (opened.isEmpty() && timeline.compactionIsDue()) {
      timeline.planCompaction(owner::prove);
    }
  }

  private Continuation continuation(Epoch epoch) {
    return Continuation.of(table, committed.nextByInput(), epoch.progress().position());
  }

  private void settle(Epoch epoch) throws IOException {
    switch (continuation(epoch)) {
      case OVERLAP -> {
        LOG.info(
            "{}: checkpoint {} brings {} again, which is committed up to {}; it is dropped",
            table,
            epoch.checkpointId(),
            epoch.progress().position(),
            committed.nextByInput());
      }
      case CONTINUES -> commit(epoch);
    }
  }

  private long newestEvent(Progress commit) {
    return Math.max(last.newestEvent(), commit.maxEventTime());
  }

  private void commit(Epoch epoch) throws IOException {
    long start = System.nanoTime();
    owner.prove();
    Progress after = committed.followedBy(epoch.progress());
    SortedMap<String, List<byte[]>> files = epoch.files();
    if (files.isEmpty()) {
      files = new TreeMap<>(Map.of(instantBefore(epoch.checkpointId()), List.of()));
    }
    for (Map.Entry<String, List<byte[]>> written : files.entrySet()) {
      String instant = written.getKey();
      if (timeline.isCompleted(instant)) {
        continue;
      }
      if (!timeline.isPending(instant)) {
        throw new IllegalStateException(
            "Instant %s of checkpoint %d, which goes on after %s, has been rolled back since: its rows are lost to %s. Start the job without a checkpoint; it goes on where the table stands."
                .formatted(instant, epoch.checkpointId(), committed.position(), table));
      }
      List<WriteStatus> statuses = new ArrayList<>();
      written.getValue().forEach(part -> statuses.addAll(CommitPart.statuses(part)));
      SortedMap<String, List<byte[]>> rest = files.tailMap(instant + '\0');
      Map<String, String> carries =
          rest.isEmpty()
              ? CommitLog.metadata(pipeline, table, jobId(), epoch.checkpointId(), after)
              : CommitLog.metadata(
                  pipeline,
                  table,
                  jobId(),
                  epoch.checkpointId(),
                  committed.followedBy(Progress.NONE),
                  new Epoch(epoch.checkpointId(), new TreeMap<>(rest), epoch.progress()));
      FaultPoint.BEFORE_COMMIT.reach();
      timeline.commit(instant, statuses, carries);
    }
    committed = after;
    last =
        new LastCommit(
            System.currentTimeMillis(),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
            newestEvent(after));
  }

  /** A task whose question is not answered in time asks again. */
  private void commitCompaction(Compacted compaction) throws IOException {
    owner.prove();
    if (!timeline.isCompacted(compaction.instant())) {
      timeline.commitCompaction(compaction.instant(), CommitPart.statuses(compaction.files()));
    }
  }

  /** An instant for an epoch without files; not later than what was opened for the next epoch. */
  private String instantBefore(long checkpointId) {
    Map.Entry<Long, String> reserved = instants.lowerEntry(checkpointId);
    String instant =
        reserved == null || opened.contains(reserved.getValue())
            ? timeline.next()
            : reserved.getValue();
    timeline.open(instant);
    return instant;
  }

  private void answer() throws IOException {
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Waiting asked = all.next();
      if (generation == null) {
        return;
      }
      if (asked.request instanceof OfAttempt writer && !writer.generation().equals(generation)) {
        asked.answer.completeExceptionally(
            new IllegalStateException("A newer attempt of the job writes " + table));
      } else if (asked.request instanceof Join) {
        asked.answer.complete(CommitLine.joined(generation, committed.nextByInput()));
      } else if (asked.request instanceof NextInstant next) {
        if (awaitsTidying(next.checkpointId())) {
          continue;
        }
        asked.answer.complete(CommitLine.answer(instantAfter(next.checkpointId())));
      } else if (asked.request instanceof AskLast ask) {
        if (settled < ask.checkpointId()) {
          continue;
        }
        asked.answer.complete(CommitLine.last(last));
      } else if (asked.request instanceof Relay relay) {
        relayedAfter = relay.checkpointId();
        asked.answer.complete(CommitLine.answer(""));
      } else if (asked.request instanceof AskRelay ask) {
        asked.answer.complete(CommitLine.answer(String.valueOf(ask.checkpointId() > relayedAfter)));
      } else if (asked.request instanceof AskSettled ask) {
        if (settled < ask.checkpointId()) {
          continue;
        }
        asked.answer.complete(CommitLine.answer(""));
      } else if (asked.request instanceof NewInstant) {
        asked.answer.complete(CommitLine.answer(timeline.next()));
      } else if (asked.request instanceof Compacted compaction) {
        commitCompaction(compaction);
        asked.answer.complete(CommitLine.answer(compaction.instant()));
      } else {
        asked.answer.completeExceptionally(
            new IllegalArgumentException("Unknown request " + asked.request));
      }
      all.remove();
    }
  }

  /**
   * Whether to wait a moment with the instant after a barrier: until what came before it is
   * committed and what waits for that is done. Not once a later checkpoint has begun, as after a
   * savepoint: the last one may never complete, and the later one waits for the writer.
   */
  private boolean awaitsTidying(long checkpointId) {
    return !opened.isEmpty()
        && !opened.contains(instants.getOrDefault(checkpointId, ""))
        && begun.last() == checkpointId
        && (timeline.compactionIsDue() || !opened.containsAll(timeline.pending()));
  }

  /**
   * A writer that has not seen the last barrier yet may ask after one that has, so the barriers
   * before get their instants first.
   */
  private String instantAfter(long checkpointId) throws IOException {
    begun.add(checkpointId);
    for (long barrier : begun.headSet(checkpointId, true)) {
      instants.computeIfAbsent(barrier, first -> timeline.next());
    }
    String instant = instants.get(checkpointId);
    if (!opened.contains(instant)) {
      owner.prove();
      timeline.open(instant);
      opened.add(instant);
    }
    return instant;
  }

  private String variable(String name) {
    return context.metricGroup() == null
        ? ""
        : context.metricGroup().getAllVariables().getOrDefault(name, "");
  }

  private String jobId() {
    return variable("<job_id>");
  }

  /**
   * @return false if the coordinator is closed
   */
  private boolean run(String what, Work work) {
    try {
      thread.execute(
          () -> {
            try {
              work.run();
            } catch (TableOwner.TableTakenException | Continuation.GapException hopeless) {
              // No restart helps.
              context.failJob(new SuppressRestartsException(hopeless));
            } catch (Throwable failure) {
              context.failJob(
                  new IllegalStateException("Could not " + what + " (" + table + ")", failure));
            }
          });
      return true;
    } catch (RejectedExecutionException closed) {
      LOG.debug("{} is closed: does not {}", table, what);
      return false;
    }
  }

  private static ThreadFactory daemon(String name) {
    return work -> {
      Thread created = new Thread(work, name);
      created.setDaemon(true);
      created.setContextClassLoader(CommitCoordinator.class.getClassLoader());
      return created;
    };
  }

  private record Waiting(
      CoordinationRequest request, CompletableFuture<CoordinationResponse> answer) {
    void fail(String why) {
      answer.completeExceptionally(new IllegalStateException("The coordinator " + why));
    }
  }

  /** Opens a table's timeline. */
  @FunctionalInterface
  interface OpenTimeline {
    TableTimeline open() throws IOException;
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  /** Makes the coordinator in the JobManager. */
  static final class Provider implements OperatorCoordinator.Provider {
    private static final long serialVersionUID = 2L;

    private final OperatorID operator;
    private final Configuration conf;
    private final String pipeline;
    private final String table;
    private final @Nullable String behind;

    Provider(
        OperatorID operator,
        Configuration conf,
        String pipeline,
        String table,
        @Nullable String behind) {
      this.operator = operator;
      this.conf = conf;
      this.pipeline = pipeline;
      this.table = table;
      this.behind = behind;
    }

    @Override
    public OperatorID getOperatorId() {
      return operator;
    }

    @Override
    public OperatorCoordinator create(Context context) {
      return new CommitCoordinator(context, conf, pipeline, table, behind);
    }
  }
}
