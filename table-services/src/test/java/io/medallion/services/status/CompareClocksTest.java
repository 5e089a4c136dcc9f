package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Commit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompareClocksTest {
  private final List<TableLog> logs =
      new Logs().bronze(10, 1, 9).bronze(20, 11, 19).silver(24, 20).gold(26, 24).logs();

  @Test
  void thoseThatAgreeAreNotNamed() {
    assertThat(findings(15, Waiting.NOTHING, 30)).isEmpty();
  }

  @Test
  void aJobManagerThatIsAheadIsNamed() {
    // Given
    Commit silver = logs.get(1).newest().orElseThrow();
    TableLog jumped =
        new TableLog(
            logs.get(1).table(),
            logs.get(0),
            List.of(
                new Commit(
                    silver.instant(),
                    silver.visibleAt().plusSeconds(292),
                    silver.visibleAt(),
                    silver.checkpointId(),
                    silver.pipeline(),
                    silver.layer(),
                    silver.job(),
                    silver.version(),
                    silver.fingerprint(),
                    silver.checkpointInterval(),
                    silver.progress())));

    // Then
    assertThat(
            CompareClocks.findings(
                List.of(logs.get(0), jumped), Map.of(), Waiting.NOTHING, Logs.at(30)))
        .containsExactly(
            "The clock of the JobManager that writes silver.t is 292 s ahead of the storage's.");
  }

  @Test
  void producersThatAreAheadAreNamed() {
    assertThat(findings(20 + 300, Waiting.NOTHING, 30))
        .containsExactly(
            "The clock of the producers is 300 s ahead of the storage's, by Kafka's timestamps.");
  }

  @Test
  void producersThatAreBehindAreNamedUnlessTheirRecordsHaveWaited() {
    // Then
    assertThat(findings(20 - 300, Waiting.NOTHING, 30))
        .containsExactly(
            "The clock of the producers is 300 s behind the storage's, by Kafka's timestamps, or they send late:"
                + " nothing of this has waited for bronze.");
    assertThat(findings(20 - 300, new Waiting(1000, 0, Optional.of(Logs.at(-270))), 30)).isEmpty();
    assertThat(findings(20 - 69, Waiting.NOTHING, 30)).isEmpty();
  }

  @Test
  void ourOwnIsNamedWhenItIsBehind() {
    assertThat(findings(15, Waiting.NOTHING, 26 - 120))
        .containsExactly(
            "The clock of this machine is 120 s behind the storage's; all ages here are too small.");
  }

  /** All of bronze's newest records are of one second. */
  private List<String> findings(int second, Waiting inKafka, int now) {
    long time = Logs.at(second).toEpochMilli();
    return CompareClocks.findings(
        logs,
        Map.of("20", new SampleRecords.Sampled(List.of(time, time, time), 30)),
        inKafka,
        Logs.at(now));
  }

  @Test
  void aCommitWithoutRecordsSaysNothing() {
    assertThat(
            CompareClocks.findings(
                logs,
                Map.of("20", new SampleRecords.Sampled(List.of(), 0)),
                Waiting.NOTHING,
                Logs.at(30)))
        .isEmpty();
  }
}
