package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.FromKafka.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three checkpoints end in each of eight ways, so {@value #ENDINGS} sequences. What else may differ
 * is drawn for each of them from a fixed seed: when rows come, which writer is ahead, where the job
 * goes on after a failure (newest checkpoint, an older one, none), with one to three writers, in
 * the same JobManager or in a new one while the old one goes on too.
 *
 * <p>So many of them are tried, spread evenly; {@code -Dmedallion.interleavings=512} tries each,
 * {@code =5120} each ten times with other draws.
 */
class EveryInterleavingTest {
  private static final int SEQUENCES = Integer.getInteger("medallion.interleavings", 64);

  /** Odd, so that its multiples meet every sequence. */
  private static final int STEP = 197;

  private static final int CHECKPOINTS = 3;
  private static final int ENDINGS = 8 * 8 * 8;
  private static final int MAX_WRITERS = 3;

  @TempDir Path folder;

  /** How a checkpoint ends. */
  private enum Ending {
    COMPLETE,
    /** A savepoint, or a checkpoint whose notification is lost. */
    NOBODY_TOLD,
    /** The notification comes after that of a later checkpoint. */
    TOLD_LATE,
    /** One writer has flushed, the others never see the barrier. */
    ABORTED_HALFWAY,
    /** All have flushed; the checkpoint is given up afterwards. */
    ABORTED,
    FAILURE_HALFWAY,
    FAILURE_BEFORE_COMPLETE,
    /** The checkpoint is complete, but the JobManager is told only when the tasks are gone. */
    FAILURE_WHEN_COMPLETE
  }

  @Test
  void everyRowIsInTheTableOnce() throws Exception {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      List<String> steps = new ArrayList<>();
      try (Sequence sequence =
          new Sequence(folder.resolve("lake" + seed).toUri().toString(), seed, steps)) {
        int endings = seed * STEP % ENDINGS;
        for (int checkpoint = 0; checkpoint < CHECKPOINTS; checkpoint++) {
          sequence.checkpoint(Ending.values()[endings % Ending.values().length]);
          endings /= Ending.values().length;
        }
        sequence.drain();
        sequence.check();
      } catch (Throwable failure) {
        throw new AssertionError(
            "Sequence %d:\n  %s".formatted(seed, String.join("\n  ", steps)), failure);
      }
    }
  }

  /** One run of a job, over all its failures. */
  private static final class Sequence implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final String warehouse;
    private final TableOnDisk table;
    private final Random random;
    private final List<String> steps;
    private final List<FromKafka> all = new ArrayList<>();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<Long> late = new ArrayList<>();
    private FromKafka job;
    private Snapshot newest = Snapshot.NONE;
    private long checkpointId;

    Sequence(String warehouse, long seed, List<String> steps) throws Exception {
      this.warehouse = warehouse;
      this.steps = steps;
      table = new TableOnDisk(warehouse, Numbers.BRONZE);
      random = new Random(seed);
      snapshots.add(Snapshot.NONE);
      newJobManager();
      go(Snapshot.NONE, 2);
    }

    void checkpoint(Ending ending) throws Exception {
      checkpointId++;
      boolean reversed = random.nextBoolean();
      readSome("before barrier");
      steps.add(
          "checkpoint %d: %s%s".formatted(checkpointId, ending, reversed ? ", reversed" : ""));
      job.begin(checkpointId);
      int[] order =
          IntStream.range(0, job.parallelism())
              .map(task -> reversed ? job.parallelism() - 1 - task : task)
              .toArray();
      for (int i = 0; i < order.length; i++) {
        job.barrier(order[i], checkpointId);
        if (i == 0) {
          readSome("when task %d is past the barrier".formatted(order[i]));
          if (ending == Ending.ABORTED_HALFWAY) {
            return;
          } else if (ending == Ending.FAILURE_HALFWAY) {
            restart();
            return;
          }
        }
      }
      Snapshot taken = job.collect(checkpointId);
      readSome("after the barrier");
      switch (ending) {
        case COMPLETE -> {
          keep(taken);
          complete(checkpointId);
        }
        case NOBODY_TOLD -> keep(taken);
        case TOLD_LATE -> {
          keep(taken);
          late.add(checkpointId);
        }
        case FAILURE_BEFORE_COMPLETE -> restart();
        case FAILURE_WHEN_COMPLETE -> {
          keep(taken);
          job.fail();
          job.complete(checkpointId);
          restart();
        }
        default -> {}
      }
    }

    /** Goes on until a checkpoint is complete behind all that was ever read. */
    void drain() throws Exception {
      Map<Integer, Long> end = new TreeMap<>();
      for (FromKafka each : all) {
        for (int partition = 0; partition < FromKafka.PARTITIONS; partition++) {
          end.merge(partition, each.next(partition) + 1, Math::max);
        }
      }
      if (random.nextBoolean()) {
        restart();
      }
      end.forEach(
          (partition, offset) -> {
            try {
              while (job.next(partition) < offset) {
                job.read(partition);
              }
            } catch (Exception failure) {
              throw new IllegalStateException(failure);
            }
          });
      checkpointId++;
      steps.add("last checkpoint " + checkpointId + " at " + end);
      job.checkpoint(checkpointId);
    }

    void check() {
      List<String> expected = new ArrayList<>();
      for (int partition = 0; partition < FromKafka.PARTITIONS; partition++) {
        int of = partition;
        LongStream.range(0, job.next(partition))
            .mapToObj(offset -> "t %d %d".formatted(of, offset))
            .forEach(expected::add);
      }
      assertThat(table.rows()).containsExactlyElementsOf(expected.stream().sorted().toList());
      Map<String, Long> stands = new TreeMap<>();
      for (Commit commit : table.commits()) {
        commit
            .progress()
            .position()
            .forEach(
                (input, span) -> {
                  assertThat(span.first())
                      .as("%s goes on with %s", commit.instant(), input)
                      .isEqualTo(stands.getOrDefault(input, 0L));
                  stands.put(input, span.next());
                });
      }
      for (int partition = 0; partition < FromKafka.PARTITIONS; partition++) {
        assertThat(stands).containsEntry("t-" + partition, job.next(partition));
      }
      assertThat(table.pending()).isEmpty();
      assertThat(table.pendingRollbacks()).isEmpty();
      assertThat(table.files()).isEqualTo(table.committedFiles());
    }

    @Override
    public void close() throws Exception {
      for (FromKafka each : all) {
        each.close();
      }
    }

    private void readSome(String when) throws Exception {
      for (int partition = 0; partition < FromKafka.PARTITIONS; partition++) {
        for (int rows = random.nextInt(3); rows > 0; rows--) {
          steps.add("read t-%d %d %s".formatted(partition, job.next(partition), when));
          job.read(partition);
        }
      }
    }

    private void keep(Snapshot snapshot) {
      newest = snapshot;
      snapshots.add(snapshot);
    }

    private void complete(long checkpoint) throws Exception {
      job.complete(checkpoint);
      for (long id : late) {
        steps.add("told late: " + id);
        job.complete(id);
      }
      late.clear();
    }

    private void restart() throws Exception {
      Snapshot from =
          switch (random.nextInt(4)) {
            case 0 -> Snapshot.NONE;
            case 1 -> snapshots.get(random.nextInt(snapshots.size()));
            default -> newest;
          };
      int parallelism = 1 + random.nextInt(MAX_WRITERS);
      FromKafka old = job;
      if (from != newest || random.nextBoolean()) {
        steps.add("new JobManager");
        newJobManager();
      } else {
        job.fail();
      }
      go(from, parallelism);
      if (old != job) {
        goOnAsZombie(old);
      }
    }

    private void newJobManager() {
      job =
          new FromKafka(
              warehouse,
              new Writers(warehouse, Numbers.BRONZE, "a", PATIENCE, Writers.HUDI, Map.of()));
      all.add(job);
      late.clear();
    }

    private void go(Snapshot from, int parallelism) throws Exception {
      steps.add("start %d tasks from checkpoint %d".formatted(parallelism, from.writers().id()));
      newest = from;
      try {
        job.restore(from, parallelism);
      } catch (AssertionError refused) {
        // What a checkpoint had flushed, a job without one has rolled back.
        assertThat(refused).rootCause().hasMessageContaining("Start the job without a checkpoint");
        steps.add("refused; start without a checkpoint");
        newJobManager();
        newest = Snapshot.NONE;
        job.restore(Snapshot.NONE, parallelism);
      }
    }

    /** The JobManager and the tasks that have been replaced do not know it yet. */
    private void goOnAsZombie(FromKafka zombie) {
      boolean flushes = random.nextBoolean();
      steps.add(flushes ? "the old one flushes and completes" : "the old one completes");
      try {
        if (flushes && zombie.parallelism() > 0) {
          zombie.flush(checkpointId + 1);
        }
        zombie.complete(checkpointId + 1);
      } catch (Exception | AssertionError refused) {
        steps.add("the old one is refused");
      }
    }
  }
}
