package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Commit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompareClocksTest {
  private static final Optional<Waiting> NOTHING = Optional.of(Waiting.NOTHING);

  private final List<TableLog> logs =
      new Logs().bronze(10, 1, 9).bronze(20, 11, 19).silver(24, 20).gold(26, 24).logs(30);

  @Test
  void thoseThatAgreeAreNotNamed() {
    assertThat(findings(15, NOTHING, 30)).isEmpty();
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
                    silver.progress())),
            Logs.at(30));

    // Then
    assertThat(CompareClocks.findings(List.of(logs.get(0), jumped), Map.of(), NOTHING, Logs.at(30)))
        .containsExactly(
            "The clock of the JobManager that writes silver.t is 292 s ahead of the storage's.");
  }

  @Test
  void producersThatAreAheadAreNamed() {
    assertThat(findings(20 + 300, NOTHING, 30))
        .containsExactly(
            "The clock of the producers is 300 s ahead of the storage's, by Kafka's timestamps.");
  }

  @Test
  void producersThatAreBehindAreNamedUnlessTheirRecordsHaveWaited() {
    // Given three commits of what is five minutes old
    List<TableLog> behind =
        new Logs().bronze(310, 1, 9).bronze(320, 11, 19).bronze(330, 21, 29).logs(335);
    String finding =
        "The clock of the producers is 301 s behind the storage's, by Kafka's timestamps, or they send late:"
            + " nothing of this has waited for bronze.";

    // Then
    assertThat(findings(behind, "330", 29, NOTHING, 335)).containsExactly(finding);
    assertThat(
            findings(
                behind,
                "330",
                29,
                Optional.of(new Waiting(1000, 0, Optional.of(Logs.at(31)))),
                335))
        .isEmpty();
    assertThat(findings(behind, "330", 29, Optional.empty(), 335)).isEmpty();

    // When what has waited is taken, each commit is less late
    List<TableLog> catchingUp =
        new Logs().bronze(310, 1, 9).bronze(320, 11, 100).bronze(330, 101, 200).logs(335);
    assertThat(findings(catchingUp, "330", 200, NOTHING, 335)).isEmpty();
  }

  @Test
  void ourOwnIsNamedWhenItIsBehind() {
    assertThat(findings(15, NOTHING, 26 - 120))
        .containsExactly(
            "The clock of this machine is 120 s behind the storage's; all ages here are too small.");
  }

  private List<String> findings(int second, Optional<Waiting> inKafka, int now) {
    return findings(logs, "20", second, inKafka, now);
  }

  /** All records of one commit of bronze are of one second. */
  private static List<String> findings(
      List<TableLog> logs, String instant, int second, Optional<Waiting> inKafka, int now) {
    long time = Logs.at(second).toEpochMilli();
    return CompareClocks.findings(
        logs,
        Map.of(instant, new SampleRecords.Sampled(List.of(time, time, time), 30)),
        inKafka,
        Logs.at(now));
  }

  @Test
  void aCommitWithoutRecordsSaysNothing() {
    assertThat(
            CompareClocks.findings(
                logs, Map.of("20", new SampleRecords.Sampled(List.of(), 0)), NOTHING, Logs.at(30)))
        .isEmpty();
  }
}
