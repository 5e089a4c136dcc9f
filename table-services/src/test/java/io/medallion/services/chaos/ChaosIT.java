package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.demo.Installation;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The fault matrix in small: kinds that are over in seconds. */
@Tag("processes")
class ChaosIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));

  /** How often each comes; what takes longer to recover from comes less often. */
  private static final Map<FaultKind, Integer> LAYERED =
      new EnumMap<>(
          Map.of(
              FaultKind.KILL_AFTER_FLUSH, 1,
              FaultKind.FAIL_CHECKPOINT, 5,
              FaultKind.FAIL_ONE_SUBTASK, 5,
              FaultKind.ADD_PARTITION, 2,
              FaultKind.FAIL_COMMIT, 5,
              FaultKind.FAIL_FILE_SYSTEM, 2,
              FaultKind.SLOW_FILE_SYSTEM, 2));

  /** Without restores, which {@code FusedPipelineIT} has. */
  private static final Map<FaultKind, Integer> FUSED =
      new EnumMap<>(
          Map.of(
              FaultKind.KILL_TASKMANAGER, 1,
              FaultKind.KILL_AFTER_FLUSH, 1,
              FaultKind.FAIL_CHECKPOINT, 1,
              FaultKind.LATE_COMMIT, 1,
              FaultKind.FAIL_ONE_SUBTASK, 1,
              FaultKind.ABORT_TRANSACTION, 1,
              FaultKind.FAIL_COMMIT, 1,
              FaultKind.FAIL_FILE_SYSTEM, 1));

  @Test
  void twentyTwoFaultsOfSevenKindsLoseAndDoubleNothing() {
    loseAndDoubleNothing(LAYERED);
  }

  @Test
  void eightFaultsOfAsManyKindsLoseAndDoubleNothingInOneJob() {
    loseAndDoubleNothing(FUSED, "--fused");
  }

  private static void loseAndDoubleNothing(Map<FaultKind, Integer> faults, String... more) {
    // Given
    List<String> kinds =
        faults.entrySet().stream()
            .flatMap(kind -> Collections.nCopies(kind.getValue(), kind.getKey().label()).stream())
            .toList();
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(
        List.of(
            "--faults",
            String.valueOf(kinds.size()),
            "--seed",
            "11",
            "--kinds",
            String.join(",", kinds)));
    ChaosOptions options =
        CommandLine.populateCommand(new ChaosOptions(), arguments.toArray(String[]::new));
    PrintWriter log = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

    // When
    ChaosReport report = new RunChaos(options, INSTALLATION, log).run();

    // Then
    report.print(log);
    assertThat(report.injected()).isEqualTo(kinds.size());
    assertThat(report.notDrained()).isEmpty();
    assertThat(report.faults())
        .allSatisfy(
            fault -> {
              assertThat(fault.outcome()).isEqualTo(FaultResult.Outcome.RECOVERED);
              assertThat(List.of(fault.lost(), fault.doubled(), fault.partialReads()))
                  .as("lost, doubled and partial reads")
                  .containsOnly(0L);
            });
    assertThat(report.others()).isEmpty();
    assertThat(report.count()).isEqualTo(new OffsetCount(report.count().records(), 0, 0));
    assertThat(report.count().records()).isPositive();
    assertThat(report.audits()).hasSize(1);
    assertThat(report.audits().get(0).findings()).isEmpty();
    assertThat(report.gold()).isNotEmpty().allMatch(check -> check.differing() == 0);
    assertThat(report.good()).isTrue();
  }
}
