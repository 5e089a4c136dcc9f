package io.medallion.services.chaos;

import io.medallion.io.FaultPoint;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The kinds of faults, the number of each in the list that they come from, and what happens. */
// Its faults are records and lambdas without state.
@SuppressWarnings("ImmutableEnumChecker")
enum FaultKind {
  KILL_TASKMANAGER(
      "F1",
      "kill -9 of the TaskManager that runs the most tasks; a new one is started",
      (cluster, planned) -> KillProcess.taskManagers(cluster, 1)),
  KILL_TASKMANAGER_BURST(
      "F1",
      "kill -9 of one TaskManager after the other, a second between two",
      Amounts.of(3, 20, "of %d"),
      (cluster, planned) -> KillProcess.taskManagers(cluster, planned.amount())),
  KILL_JOBMANAGER(
      "F2",
      "kill -9 of the JobManager; a new one gets the jobs from their last retained checkpoints",
      (cluster, planned) -> KillProcess.jobManager(cluster)),

  KILL_BEFORE_FLUSH(
      "F3",
      "the process of a writer dies before it closes its files",
      new StopAtPoint(FaultPoint.BEFORE_FLUSH, "kill")),
  KILL_AFTER_FLUSH(
      "F3",
      "the process of a writer dies after it closed its files, before the checkpoint completes",
      new StopAtPoint(FaultPoint.AFTER_FLUSH, "kill")),
  KILL_BEFORE_COMMIT(
      "F3",
      "the JobManager dies after a checkpoint, before its commit",
      new StopAtPoint(FaultPoint.BEFORE_COMMIT, "kill")),
  KILL_DURING_COMMIT(
      "F3",
      "the JobManager dies before the file that makes a commit visible",
      new StopAtPoint(FaultPoint.DURING_COMMIT, "kill")),
  KILL_TORN_COMMIT(
      "F3",
      "the JobManager dies when the file that makes a commit visible is written under another name",
      new StopAtPoint(FaultPoint.TORN_COMMIT, "kill")),
  KILL_AFTER_COMMIT(
      "F3",
      "the JobManager dies after a commit, before anybody knows",
      new StopAtPoint(FaultPoint.AFTER_COMMIT, "kill")),
  KILL_BEFORE_ROLLBACK(
      "F3",
      "a TaskManager dies, then the JobManager before it rolls back what that one wrote",
      new StopAtPoint(FaultPoint.BEFORE_ROLLBACK, "kill")),
  KILL_DURING_ROLLBACK(
      "F3",
      "a TaskManager dies, then the JobManager in the rollback of what that one wrote",
      new StopAtPoint(FaultPoint.DURING_ROLLBACK, "kill")),
  KILL_DURING_COMPACTION(
      "F3",
      "the process of a compaction dies after it wrote a file, before the JobManager hears of it",
      new StopAtPoint(FaultPoint.DURING_COMPACTION, "kill")),
  KILL_DURING_COMPACTION_COMMIT(
      "F3",
      "the process that commits a compaction dies before that is recorded",
      new StopAtPoint(FaultPoint.DURING_COMPACTION_COMMIT, "kill")),
  KILL_DURING_CLEAN(
      "F3",
      "the process of a clean dies when the files are deleted, before that is recorded",
      new StopAtPoint(FaultPoint.DURING_CLEAN, "kill")),
  KILL_DURING_ARCHIVE(
      "F3",
      "the JobManager dies when it is about to move old commits to the archive",
      new StopAtPoint(FaultPoint.DURING_ARCHIVE, "kill")),

  FAIL_CHECKPOINT(
      "F4", "a writer declines a checkpoint", new StopAtPoint(FaultPoint.BEFORE_FLUSH, "fail")),
  TIME_OUT_CHECKPOINT(
      "F4",
      "a writer flushes for longer than a checkpoint may take",
      new StopAtPoint(
          FaultPoint.BEFORE_FLUSH, "pause " + (ChaosCluster.CHECKPOINT_TIMEOUT.toMillis() + 3000))),
  LATE_COMMIT(
      "F4",
      "a checkpoint is complete and its commit comes seconds later",
      Amounts.of(3, 15, "by %d s"),
      (cluster, planned) ->
          new StopAtPoint(FaultPoint.BEFORE_COMMIT, "pause " + planned.amount() * 1000L)
              .inject(cluster, planned)),
  FAIL_ONE_SUBTASK(
      "F5",
      "one subtask fails after its flush; the others know nothing",
      new StopAtPoint(FaultPoint.AFTER_FLUSH, "fail")),

  RESTORE_OLDER_CHECKPOINT(
      "F6",
      "a job is cancelled and goes on from the oldest checkpoint that is retained",
      RestoreJob::fromOldest),
  RESTORE_SAVEPOINT(
      "F6", "a job is stopped with a savepoint and goes on from it", RestoreJob::fromSavepoint),
  RESTORE_FROM_NONE(
      "F6", "a job is cancelled and submitted without any state", RestoreJob::fromNone),
  DELETE_CHECKPOINTS(
      "F6",
      "a job is cancelled, its checkpoints are deleted, and it is submitted without any state",
      RestoreJob::withoutCheckpoints),

  RESCALE(
      "F7",
      "a job is stopped with a savepoint and goes on with another parallelism",
      Amounts.of(1, 2, "to %d"),
      RestoreJob::rescaled),

  SECOND_COPY(
      "F8",
      "a job is submitted once more while it runs: the copy is refused, the first goes on",
      new SubmitCopy()),
  ZOMBIE_TASKMANAGER(
      "F8, F12",
      "a TaskManager is silent for longer than the heartbeat timeout, then goes on",
      Amounts.of(2, 20, "%d s too long"),
      (cluster, planned) ->
          FreezeProcess.taskManager(
              cluster, ChaosCluster.HEARTBEAT_TIMEOUT.plus(planned.seconds()))),
  ZOMBIE_JOBMANAGER(
      "F8, F12",
      "a JobManager stands still, another cluster takes over its jobs, then it goes on",
      (cluster, planned) -> FreezeProcess.replacedJobManager(cluster)),

  BOUNCE_BROKER(
      "F9",
      "the broker is stopped and started again",
      (cluster, planned) -> BreakKafka.bounce(cluster, false)),
  KILL_BROKER(
      "F9",
      "kill -9 of the broker; it is started again",
      (cluster, planned) -> BreakKafka.bounce(cluster, true)),
  ADD_PARTITION("F9", "the topic gets a partition more", BreakKafka::addPartition),
  ABORT_TRANSACTION(
      "F9",
      "one transaction is aborted at once, another after it was open for some seconds",
      Amounts.of(2, 8, "after %d s"),
      BreakKafka::abortTransaction),

  FAIL_COMMIT(
      "F10",
      "the file that makes a commit visible cannot be made",
      new StopAtPoint(FaultPoint.DURING_COMMIT, "fail")),
  FAIL_FILE_SYSTEM(
      "F10",
      "one call of the lake's file system in N fails, for five seconds",
      Amounts.of(20, 200, "1 in %d"),
      BreakFiles::failing),
  SLOW_FILE_SYSTEM(
      "F10",
      "every call of the lake's file system takes longer, for five seconds",
      Amounts.of(5, 50, "by %d ms"),
      BreakFiles::slow),
  DISK_FULL("F10", "the lake's disk is full for five seconds", BreakFiles::diskFull),

  PAUSE_TASKMANAGER(
      "F12",
      "a TaskManager stands still",
      Amounts.of(2, 60, "for %d s"),
      (cluster, planned) -> FreezeProcess.taskManager(cluster, planned.seconds())),
  PAUSE_JOBMANAGER(
      "F12",
      "the JobManager stands still",
      Amounts.of(2, 60, "for %d s"),
      (cluster, planned) -> FreezeProcess.jobManager(cluster, planned.seconds())),
  JUMP_CLOCK_BACK(
      "F12",
      "the clock of all Flink processes jumps back",
      Amounts.of(2, 600, "by %d s"),
      (cluster, planned) -> JumpClock.by(cluster, -planned.amount())),
  JUMP_CLOCK_FORWARD(
      "F12",
      "the clock of all Flink processes jumps forward",
      Amounts.of(2, 120, "by %d s"),
      (cluster, planned) -> JumpClock.by(cluster, planned.amount())),

  FAST_SERVICES(
      "F13",
      "a job is stopped with a savepoint and goes on with compaction, cleaning and archiving at full speed",
      RestoreJob::withFastServices);

  /** The kinds that need the clock of the cluster's processes. */
  static final Set<FaultKind> OF_CLOCK = Set.of(JUMP_CLOCK_BACK, JUMP_CLOCK_FORWARD);

  private final String listed;
  private final String sentence;
  private final Amounts amounts;
  private final Fault fault;

  FaultKind(String listed, String sentence, Fault fault) {
    this(listed, sentence, Amounts.ONE, fault);
  }

  FaultKind(String listed, String sentence, Amounts amounts, Fault fault) {
    this.listed = listed;
    this.sentence = sentence;
    this.amounts = amounts;
    this.fault = fault;
  }

  /** E.g. {@code kill-taskmanager}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Its number in the list of faults to survive. */
  String listed() {
    return listed;
  }

  String sentence() {
    return sentence;
  }

  Amounts amounts() {
    return amounts;
  }

  Fault fault() {
    return fault;
  }

  /** Why it cannot be injected here; empty when it can. */
  Optional<String> unavailable() {
    if (OF_CLOCK.contains(this) && FakeClock.library().isEmpty()) {
      return Optional.of("libfaketime is not installed: apt-get install faketime");
    }
    return Optional.empty();
  }

  static Optional<FaultKind> labelled(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(FaultKind::label).toList();
  }
}
