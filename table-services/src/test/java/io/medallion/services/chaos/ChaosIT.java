package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.demo.Installation;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The fault matrix in small: kinds that are over in seconds. */
class ChaosIT {
  private static final Installation INSTALLATION = new Installation(Path.of(".."));

  private static final List<FaultKind> KINDS =
      List.of(
          FaultKind.KILL_TASKMANAGER,
          FaultKind.KILL_AFTER_FLUSH,
          FaultKind.FAIL_CHECKPOINT,
          FaultKind.FAIL_ONE_SUBTASK,
          FaultKind.RESTORE_SAVEPOINT,
          FaultKind.ADD_PARTITION,
          FaultKind.ABORT_TRANSACTION,
          FaultKind.FAIL_COMMIT,
          FaultKind.FAIL_FILE_SYSTEM,
          FaultKind.SLOW_FILE_SYSTEM);

  private static final int FAULTS = 30;

  @Test
  void thirtyFaultsOfTenKindsLoseAndDoubleNothing() {
    // Given
    ChaosOptions options =
        CommandLine.populateCommand(
            new ChaosOptions(),
            "--faults",
            String.valueOf(FAULTS),
            "--seed",
            "11",
            "--kinds",
            String.join(",", KINDS.stream().map(FaultKind::label).toList()));
    PrintWriter log = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

    // When
    ChaosReport report = new RunChaos(options, INSTALLATION, log).run();

    // Then
    report.print(log);
    assertThat(report.injected()).isEqualTo(FAULTS);
    assertThat(report.faults())
        .allSatisfy(
            fault -> {
              assertThat(fault.outcome()).isEqualTo(FaultResult.Outcome.RECOVERED);
              assertThat(fault.lost() + fault.doubled() + fault.partialReads()).isZero();
            });
    assertThat(report.count().records()).isPositive();
    assertThat(report.audit()).hasValueSatisfying(audit -> assertThat(audit.findings()).isEmpty());
    assertThat(report.gold()).isNotEmpty().allMatch(check -> check.differing() == 0);
    assertThat(report.good()).isTrue();
  }
}
