package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final List<FaultKind> KINDS =
      List.of(FaultKind.KILL_TASKMANAGER, FaultKind.PAUSE_JOBMANAGER, FaultKind.FAIL_FILE_SYSTEM);

  @Test
  void theSameSeedGivesTheSameSchedule() {
    assertThat(FaultSchedule.of(7, 100, KINDS)).isEqualTo(FaultSchedule.of(7, 100, KINDS));
  }

  @Test
  void theScheduleOfASeedDoesNotChangeFromOneVersionToTheNext() {
    assertThat(FaultSchedule.of(7, 3, KINDS).faults())
        .extracting(PlannedFault::toString)
        .containsExactly(
            "   1  after 1.5 s  pause-jobmanager for 2 s",
            "   2  after 2.9 s  fail-file-system 1 in 74",
            "   3  after 1.5 s  kill-taskmanager");
  }

  @Test
  void anotherSeedGivesAnotherSchedule() {
    assertThat(FaultSchedule.of(8, 100, KINDS)).isNotEqualTo(FaultSchedule.of(7, 100, KINDS));
  }

  @Test
  void everyKindComesBeforeOneComesTwice() {
    List<FaultKind> all = Arrays.asList(FaultKind.values());
    List<PlannedFault> faults = FaultSchedule.of(1, 2 * all.size(), all).faults();

    assertThat(faults.subList(0, all.size()))
        .extracting(PlannedFault::kind)
        .containsExactlyInAnyOrderElementsOf(all);
    assertThat(faults.subList(all.size(), 2 * all.size()))
        .extracting(PlannedFault::kind)
        .containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void amountsAndDelaysStayWithinTheirBounds() {
    assertThat(FaultSchedule.of(3, 500, Arrays.asList(FaultKind.values())).faults())
        .allSatisfy(
            planned -> {
              assertThat(planned.amount())
                  .isBetween(planned.kind().amounts().from(), planned.kind().amounts().to());
              assertThat(planned.delay()).isBetween(Duration.ZERO, Duration.ofSeconds(3));
              assertThat(planned.target()).isNotNegative();
            });
  }

  @Test
  void everyKindHasANumberOfTheListAndASentence() {
    assertThat(FaultKind.values())
        .allSatisfy(
            kind -> {
              assertThat(kind.listed()).matches("F\\d+(, F\\d+)*");
              assertThat(kind.sentence()).isNotBlank();
              assertThat(FaultKind.labelled(kind.label())).contains(kind);
            });
    assertThat(Arrays.stream(FaultKind.values()).map(FaultKind::listed).collect(Collectors.toSet()))
        .contains("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F12", "F13");
  }

  @Test
  void aLongScheduleComesInPartsAndNothingOfItIsLeftOut() {
    FaultSchedule schedule = FaultSchedule.of(7, 65, KINDS);

    List<List<PlannedFault>> parts = schedule.parts();

    assertThat(parts).extracting(List::size).containsExactly(30, 30, 5);
    assertThat(parts.stream().flatMap(List::stream).toList()).isEqualTo(schedule.faults());
  }
}
