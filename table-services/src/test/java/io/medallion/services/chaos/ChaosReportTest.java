package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.verify.GoldCheck;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChaosReportTest {
  @Test
  void partsAddUp() {
    ChaosReport report = report(part(recovered(), 10, 0), part(recovered(), 5, 0));

    assertThat(report.good()).isTrue();
    assertThat(report.injected()).isEqualTo(2);
    assertThat(report.count()).isEqualTo(new OffsetCount(15, 0, 0));
    assertThat(report.gold()).containsExactly(new GoldCheck("revenue", "", "", 15, 0, List.of()));
  }

  @Test
  void onePartThatIsNotGoodMakesTheRunNotGood() {
    assertThat(report(part(recovered(), 10, 0), part(recovered(), 5, 1)).good()).isFalse();
    assertThat(report(part(lost(), 10, 0), part(recovered(), 5, 0)).good()).isFalse();
    assertThat(report().good()).isFalse();
  }

  @Test
  void whatIsWrongInAnyPartIsPrinted() {
    StringWriter text = new StringWriter();

    report(part(lost(), 10, 0), part(recovered(), 5, 1)).print(new PrintWriter(text));

    assertThat(text.toString())
        .contains("FAIL count: 15 records in Kafka, 1 of them missing in bronze, 0 doubled")
        .contains("FAIL 2 of 2 faults injected in 1:01, seed 3, sink medallion")
        .containsPattern("all +2 +2 +0 +7 +0 +0 ");
  }

  private static ChaosReport report(PartReport... parts) {
    return new ChaosReport(
        Sink.MEDALLION, 3, parts.length, Duration.ofSeconds(61), Map.of(), List.of(parts));
  }

  private static PartReport part(FaultResult fault, long records, long missing) {
    return new PartReport(
        1,
        0,
        List.of(),
        List.of(fault),
        new FaultResult(planned()),
        Optional.empty(),
        new OffsetCount(records, missing, 0),
        Optional.empty(),
        List.of(new GoldCheck("revenue", "", "", records, 0, List.of())));
  }

  private static FaultResult recovered() {
    FaultResult fault = new FaultResult(planned());
    fault.recovered(Duration.ofSeconds(1), Duration.ofSeconds(2));
    return fault;
  }

  private static FaultResult lost() {
    FaultResult fault = recovered();
    fault.wrong(7, 0);
    return fault;
  }

  private static PlannedFault planned() {
    return new PlannedFault(1, FaultKind.KILL_TASKMANAGER, Duration.ZERO, 1, 0, 0);
  }
}
