package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.FromChanges.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hudi.configuration.FlinkOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link EveryInterleavingTest} for a keyed table, with four checkpoints that end in each of six
 * ways, and compactions between them.
 */
class EveryUpsertInterleavingTest {
  private static final int SEQUENCES = Integer.getInteger("medallion.upsert-interleavings", 24);
  private static final int CHECKPOINTS = 4;
  private static final int ENDINGS = 6 * 6 * 6 * 6;

  /** Without a divisor of the number of sequences, so that its multiples meet every one. */
  private static final int STEP = 557;

  private static final int MAX_WRITERS = 3;
  private static final int MAX_CHANGES = 5;

  @TempDir Path folder;

  private enum Ending {
    COMPLETE,
    NOBODY_TOLD,
    ABORTED_HALFWAY,
    ABORTED,
    FAILURE_BEFORE_COMPLETE,
    FAILURE_WHEN_COMPLETE
  }

  @Test
  void everyKeyHasItsLastRow() throws Exception {
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

  private static final class Sequence implements AutoCloseable {
    private static final Map<String, String> COMPACTED =
        Map.of(FlinkOptions.COMPACTION_DELTA_COMMITS.key(), "2");
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final String warehouse;
    private final TableOnDisk table;
    private final Random random;
    private final List<String> steps;
    private final List<FromChanges> all = new ArrayList<>();
    private final List<Snapshot> snapshots = new ArrayList<>(List.of(Snapshot.NONE));
    private FromChanges job;
    private Snapshot newest = Snapshot.NONE;
    private long checkpointId;

    Sequence(String warehouse, long seed, List<String> steps) throws Exception {
      this.warehouse = warehouse;
      this.steps = steps;
      table = new TableOnDisk(warehouse, Numbers.SILVER);
      random = new Random(seed);
      newJobManager();
      go(Snapshot.NONE, 2);
    }

    void checkpoint(Ending ending) throws Exception {
      checkpointId++;
      readSome("before the barrier");
      steps.add("checkpoint %d: %s".formatted(checkpointId, ending));
      job.begin(checkpointId);
      job.barrier(random.nextInt(job.writers().parallelism()));
      readSome("when one writer is past the barrier");
      if (ending == Ending.ABORTED_HALFWAY) {
        job.abort();
        return;
      }
      Snapshot taken = job.collect();
      readSome("after the barrier");
      switch (ending) {
        case COMPLETE -> {
          keep(taken);
          job.complete(checkpointId);
          compact();
        }
        case NOBODY_TOLD -> keep(taken);
        case FAILURE_BEFORE_COMPLETE -> restart();
        case FAILURE_WHEN_COMPLETE -> {
          keep(taken);
          job.writers().fail();
          job.writers().complete(checkpointId);
          restart();
        }
        default -> {}
      }
    }

    /** Goes on until a checkpoint is complete behind all that was ever read. */
    void drain() throws Exception {
      long end = all.stream().mapToLong(FromChanges::planned).max().orElseThrow() + 1;
      if (random.nextBoolean()) {
        restart();
      }
      boolean done = false;
      while (!done) {
        for (long i = job.planned(); i < end; i++) {
          job.read();
        }
        done = job.planned() == end;
        checkpointId++;
        steps.add("last checkpoint %d at %d".formatted(checkpointId, job.planned()));
        job.begin(checkpointId);
        job.collect();
        job.complete(checkpointId);
      }
    }

    void check() throws Exception {
      List<String> expected = List.copyOf(FromChanges.rowsAfter(job.planned()).values());
      assertThat(table.rows()).isEqualTo(expected);
      long stands = 0;
      for (Commit commit : table.commits()) {
        Span span = commit.progress().position().getOrDefault("bronze.numbers", new Span(0, 0));
        assertThat(span.first()).as(commit.instant()).isEqualTo(stands);
        stands = span.next();
      }
      assertThat(stands).isEqualTo(job.planned());
      assertThat(table.pending()).isEmpty();
      assertThat(table.pendingRollbacks()).isEmpty();
      compact();
      assertThat(table.rows()).isEqualTo(expected);
    }

    @Override
    public void close() throws Exception {
      for (FromChanges each : all) {
        each.close();
      }
    }

    private void compact() throws Exception {
      for (String planned : table.plannedCompactions()) {
        steps.add("compaction");
        CompactTable.run(job.writers().conf(), planned);
      }
    }

    private void readSome(String when) throws Exception {
      int changes = random.nextInt(MAX_CHANGES);
      steps.add("read %d from %d %s".formatted(changes, job.planned(), when));
      for (int change = 0; change < changes; change++) {
        job.read();
      }
    }

    private void keep(Snapshot snapshot) {
      newest = snapshot;
      snapshots.add(snapshot);
    }

    private void restart() throws Exception {
      Snapshot from =
          switch (random.nextInt(4)) {
            case 0 -> Snapshot.NONE;
            case 1 -> snapshots.get(random.nextInt(snapshots.size()));
            default -> newest;
          };
      if (!from.equals(newest) || random.nextBoolean()) {
        steps.add("new JobManager");
        job.writers().fail();
        newJobManager();
      }
      go(from, 1 + random.nextInt(MAX_WRITERS));
    }

    private void newJobManager() {
      job =
          new FromChanges(
              warehouse,
              new Writers(warehouse, Numbers.SILVER, "a", PATIENCE, Writers.HUDI, COMPACTED));
      all.add(job);
    }

    private void go(Snapshot from, int parallelism) throws Exception {
      steps.add("start %d tasks from %d".formatted(parallelism, from.planned()));
      newest = from;
      try {
        job.restore(from, parallelism);
      } catch (AssertionError | Continuation.GapException refused) {
        // What a checkpoint had flushed, a job without one has rolled back.
        steps.add("refused; start without a checkpoint");
        newJobManager();
        newest = Snapshot.NONE;
        job.restore(Snapshot.NONE, parallelism);
      }
    }
  }
}
