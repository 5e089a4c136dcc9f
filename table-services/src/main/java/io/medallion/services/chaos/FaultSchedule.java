package io.medallion.services.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which faults come, in which order: the same seed, number and kinds give the same schedule.
 *
 * @param faults in their order
 */
record FaultSchedule(List<PlannedFault> faults) {
  private static final int LONGEST_DELAY_MS = 3000;
  private static final int PART = 30;

  FaultSchedule {
    faults = List.copyOf(faults);
  }

  /**
   * The faults in parts, each of which begins with new processes and without tables: those would
   * grow for hours, and each compaction with them.
   */
  List<List<PlannedFault>> parts() {
    List<List<PlannedFault>> parts = new ArrayList<>();
    for (int first = 0; first < faults.size(); first += PART) {
      parts.add(faults.subList(first, Math.min(first + PART, faults.size())));
    }
    return parts;
  }

  /** Every kind comes once before one comes twice, each round in another order. */
  static FaultSchedule of(long seed, int number, List<FaultKind> kinds) {
    Random random = new Random(seed);
    List<PlannedFault> faults = new ArrayList<>();
    List<FaultKind> round = new ArrayList<>();
    for (int i = 1; i <= number; i++) {
      if (round.isEmpty()) {
        round.addAll(kinds);
        Collections.shuffle(round, random);
      }
      FaultKind kind = round.remove(round.size() - 1);
      faults.add(
          new PlannedFault(
              i,
              kind,
              Duration.ofMillis(random.nextInt(LONGEST_DELAY_MS)),
              kind.amounts().draw(random),
              random.nextInt(Integer.MAX_VALUE),
              random.nextLong()));
    }
    return new FaultSchedule(faults);
  }
}
