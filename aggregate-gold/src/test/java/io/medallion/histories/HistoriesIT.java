package io.medallion.histories;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.histories.PlannedFailures.Failure;
import io.medallion.histories.PlannedFailures.Moment;
import io.medallion.histories.PlannedFailures.Place;
import io.medallion.testing.LocalFlink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Drawn histories in a job that fails at drawn moments and is stopped and rescaled on its way:
 * silver, quarantine and gold are what the naive model says, row for row.
 *
 * <p>So many histories, up to {@value #HISTORIES_PER_JOB} in one job; {@code
 * -Dmedallion.histories=10000} runs more jobs, each with the next seed. {@code
 * -Dmedallion.histories=200 -Dmedallion.seed=N} runs the one of a seed again.
 */
class HistoriesIT {
  private static final int HISTORIES_PER_JOB = 200;
  private static final int HISTORIES = Integer.getInteger("medallion.histories", HISTORIES_PER_JOB);
  private static final long SEED = Long.getLong("medallion.seed", 1);

  private static final int PARALLELISM = 2;
  private static final int CHECKPOINTS = 20;
  private static final int FAILURES = 6;
  private static final List<Place> PLACES = List.of(Place.values());
  private static final List<Moment> MOMENTS = List.of(Moment.values());
  private static final int SHOWN = 3;

  @TempDir Path folder;

  @Test
  void silverAndGoldAreWhatTheModelSays() throws Exception {
    List<String> differing = new ArrayList<>();
    long events = 0;
    int restarts = 0;
    long start = System.nanoTime();
    try (LocalFlink flink = new LocalFlink(folder, PARALLELISM)) {
      int histories = 0;
      for (long seed = SEED; histories < HISTORIES; seed++) {
        int more = Math.min(HISTORIES_PER_JOB, HISTORIES - histories);
        List<List<Sent>> read = new DrawHistories(seed, more, PARALLELISM).draw();
        List<Sent> sent = read.stream().flatMap(Collection::stream).toList();
        Held expected = NaiveTables.of(sent);

        RunHistories run = new RunHistories(flink, folder, read, CHECKPOINTS, Mutation.NONE);
        Held found = run(run, sent.size(), new Random(seed));

        assertThat(PlannedFailures.happened()).as("failures of seed %d", seed).isEqualTo(FAILURES);
        List<Difference> differences = expected.differences(found);
        if (!differences.isEmpty()) {
          differing.add(show(seed, sent, differences));
        }
        histories += more;
        events += sent.size();
        restarts += FAILURES + 2;
        System.out.println(
            "%,d histories up to seed %d: %,d events, %,d silver rows, %,d restarts, %d of %d jobs differ, %d s"
                .formatted(
                    histories,
                    seed,
                    events,
                    expected.table(Held.SILVER).size(),
                    restarts,
                    differing.size(),
                    seed - SEED + 1,
                    Duration.ofNanos(System.nanoTime() - start).toSeconds()));
      }
    }
    assertThat(differing).isEmpty();
  }

  /** Fails as planned; on its way stops twice and goes on with fewer and with more subtasks. */
  private static Held run(RunHistories run, int records, Random random) throws Exception {
    PlannedFailures.plan(failures(records, random));
    JobID job = run.start(PARALLELISM);
    boolean fewerFirst = random.nextBoolean();
    run.awaitCommitted(0.2 + 0.2 * random.nextDouble());
    job = run.rescale(job, fewerFirst ? 1 : 3);
    run.awaitCommitted(0.5 + 0.2 * random.nextDouble());
    job = run.rescale(job, fewerFirst ? 3 : 1);
    run.awaitCommitted(1);
    run.stop(job);
    return run.held();
  }

  private static List<Failure> failures(int records, Random random) {
    List<Failure> failures = new ArrayList<>();
    for (int i = 0; i < FAILURES; i++) {
      failures.add(
          new Failure(
              random.nextInt(records * 9 / 10),
              PLACES.get(random.nextInt(PLACES.size())),
              MOMENTS.get(random.nextInt(MOMENTS.size()))));
    }
    return failures;
  }

  private static String show(long seed, List<Sent> sent, List<Difference> differences) {
    return differences.stream()
        .limit(SHOWN)
        .map(difference -> difference + "\n" + history(sent, difference))
        .collect(
            joining(
                "\n",
                "%n%d differences with -Dmedallion.histories=%d -Dmedallion.seed=%d, the first:%n"
                    .formatted(differences.size(), HISTORIES_PER_JOB, seed),
                "\n"));
  }

  /** All events of the history that differs. */
  private static String history(List<Sent> sent, Difference difference) {
    return sent.stream()
        .filter(event -> difference.isOf(event))
        .map(
            event ->
                "    %s at %d: %s".formatted(event.place(), event.timestamp(), event.payload()))
        .collect(joining("\n"));
  }
}
