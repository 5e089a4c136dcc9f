package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.TableFiles;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Checkpoints come every 10 s, the objective is 30 s. */
class AssessLayersTest {
  private static final Duration OBJECTIVE = Duration.ofSeconds(30);
  private static final Offset<Double> EXACTLY = Offset.offset(1e-9);
  private static final Duration WINDOW = Duration.ofMinutes(15);

  private final Logs logs = Logs.ofTwentySeconds();

  @Test
  void whereNothingComesAllIsIdle() {
    // When
    List<LayerStatus> layers = assess(Waiting.NOTHING, 500);

    // Then
    assertThat(layers).extracting(LayerStatus::state).containsOnly(FreshnessState.IDLE);
    assertThat(layers).extracting(LayerStatus::cause).containsOnly("");
    assertThat(layers).extracting(LayerStatus::met).containsOnly(Optional.of(1.0));
    assertThat(layers.get(2).eventAge()).contains(Duration.ofSeconds(481));
    assertThat(layers.get(2).arrivalAge()).contains(Duration.ofSeconds(481));
  }

  @Test
  void recordsUnderWayAreNoTrouble() {
    // When
    List<LayerStatus> layers = assess(inKafka(70, 21), 28);

    // Then
    assertThat(layers).extracting(LayerStatus::state).containsOnly(FreshnessState.HEALTHY);
    assertThat(layers).extracting(LayerStatus::cause).containsOnly("");
    assertThat(layers.get(0).commitsPerMinute()).isEqualTo(2);
  }

  @Test
  void whatWaitsWhileBronzeCommitsNothingIsStalledThere() {
    // When the next commit of bronze could have come at 30
    assertThat(assess(inKafka(70, 20.5), 37.5).get(0).state()).isEqualTo(FreshnessState.HEALTHY);
    List<LayerStatus> layers = assess(inKafka(70, 20.5), 39);

    // Then within two intervals, and there alone
    assertThat(layers)
        .extracting(LayerStatus::state)
        .containsExactly(FreshnessState.STALLED, FreshnessState.IDLE, FreshnessState.IDLE);
    assertThat(layers)
        .extracting(LayerStatus::cause)
        .containsExactly(
            "waiting: 70 records in Kafka, the first for 18.5 s; no commit for 19.0 s",
            "bronze.t brings nothing",
            "");
  }

  @Test
  void underLoadCheckpointsComeLater() {
    // Given bronze commits every twenty seconds
    logs.bronze(40, 19, 38).bronze(60, 39, 58).bronze(80, 59, 79);

    // Then
    assertThat(assess(inKafka(70, 80), 114).get(0).state()).isEqualTo(FreshnessState.CATCHING_UP);
    assertThat(assess(inKafka(70, 80), 116).get(0).state()).isEqualTo(FreshnessState.STALLED);
  }

  @Test
  void afterAStandstillTheNextOneIsNamedAsSoon() {
    // Given bronze commits every ten seconds but for twice a minute
    logs.bronze(80, 19, 78).bronze(90, 79, 88).bronze(150, 89, 148);

    // Then
    assertThat(assess(inKafka(70, 149), 167).get(0).state()).isEqualTo(FreshnessState.HEALTHY);
    assertThat(assess(inKafka(70, 149), 168).get(0).state()).isEqualTo(FreshnessState.STALLED);
  }

  @Test
  void aLayerWhoseJobIsDownIsStalledAndTheOthersAreNot() {
    // Given bronze and gold go on
    logs.bronze(30, 21, 29).bronze(40, 31, 39);

    // When
    List<LayerStatus> layers = assess(inKafka(70, 40), 48);

    // Then
    assertThat(layers)
        .extracting(LayerStatus::state)
        .containsExactly(FreshnessState.HEALTHY, FreshnessState.STALLED, FreshnessState.IDLE);
    assertThat(layers.get(1).cause())
        .isEqualTo(
            "waiting: 20 rows in 2 commits of bronze.t, the first for 18.0 s; no commit for 24.0 s");
    assertThat(layers.get(2).cause()).isEqualTo("silver.t brings nothing");
  }

  @Test
  void commitsOfWhatIsOldAreCatchingUp() {
    // Given silver was away for a minute
    for (int second = 30; second <= 90; second += 10) {
      logs.bronze(second, second - 9, second - 1);
    }
    logs.silver(92, 40);

    // When
    List<LayerStatus> layers = assess(inKafka(70, 90), 95);

    // Then
    assertThat(layers.get(1).state()).isEqualTo(FreshnessState.CATCHING_UP);
    assertThat(layers.get(1).cause())
        .isEqualTo(
            "54.0 s behind, objective 30.0 s; waiting: 50 rows in 5 commits of bronze.t, the first for 45.0 s");
  }

  @Test
  void sparseEventsAreNoLoad() {
    // Given an event every thirty seconds, taken within the interval
    logs.bronze(50, 41, 41).bronze(80, 71, 71).bronze(110, 101, 101);

    // Then
    assertThat(assess(inKafka(1, 131), 149).get(0).state()).isEqualTo(FreshnessState.STALLED);
  }

  @Test
  void itIsJudgedAsOfWhenTheCommitsWereRead() {
    // When Kafka answers late
    List<LayerStatus> layers =
        new AssessLayers(Optional.of(inKafka(70, 21)), OBJECTIVE, Logs.at(50), WINDOW)
            .assess(logs.logs(30), table -> new TableFiles(0, 0, 0, 0));

    // Then
    assertThat(layers.get(0).state()).isEqualTo(FreshnessState.HEALTHY);
  }

  @Test
  void whereKafkaDoesNotAnswerBronzeIsJudgedByItsCommits() {
    assertThat(withoutKafka(30)).isEqualTo("healthy: ");
    assertThat(withoutKafka(60)).isEqualTo("idle: what waits in Kafka is not known");
  }

  private String withoutKafka(double now) {
    LayerStatus bronze =
        new AssessLayers(Optional.empty(), OBJECTIVE, Logs.at(now), WINDOW)
            .assess(logs.logs(now), table -> new TableFiles(0, 0, 0, 0))
            .get(0);
    return bronze.state() + ": " + bronze.cause();
  }

  @Test
  void theArrivalAgeIsKnownWhenBronzeHasArchivedWhatCameFirst() {
    // Given a silver that stands before all of bronze that is known
    List<TableLog> known = logs.bronze(30, 21, 29).logs(600);
    TableLog bronze =
        new TableLog(
            known.get(0).table(), null, known.get(0).commits().subList(2, 3), Logs.at(600));
    TableLog silver =
        new TableLog(known.get(1).table(), bronze, known.get(1).commits(), Logs.at(600));

    // Then it is at least that of the first record that silver does not have
    assertThat(silver.newestArrival()).contains(Logs.at(21));
  }

  @Test
  void aFirstEventAfterALongTimeIsNoStandstill() {
    // When the last commit is minutes old
    List<LayerStatus> layers = assess(inKafka(1, 300), 301);

    // Then
    assertThat(layers.get(0).state()).isEqualTo(FreshnessState.HEALTHY);
  }

  @Test
  void anOldRecordThatComesLateIsNoStandstillWhileCommitsGoOn() {
    // When a record of second 2 has come after the commit of 20
    assertThat(assess(inKafka(1, 2), 25).get(0).state()).isEqualTo(FreshnessState.HEALTHY);
  }

  @Test
  void aTableWithoutACommitIsJudgedByTheObjective() {
    // Given
    Logs first = new Logs().bronze(10, 1, 9);

    // Then
    assertThat(assess(first, Waiting.NOTHING, 30).get(1).state()).isEqualTo(FreshnessState.HEALTHY);
    LayerStatus silver = assess(first, Waiting.NOTHING, 41).get(1);
    assertThat(silver.state()).isEqualTo(FreshnessState.STALLED);
    assertThat(silver.cause())
        .isEqualTo("waiting: 10 rows in 1 commit of bronze.t, the first for 31.0 s; no commit yet");
  }

  @Test
  void theObjectiveWasNotMetWhileARecordWaitedForLonger() {
    // Given the record of second 21 is seen at second 76: late from 51 on
    logs.bronze(30, 21, 29).silver(74, 30).gold(76, 74);

    // When the window is all there is: from 10 to 110
    List<LayerStatus> layers = assess(Waiting.NOTHING, 110);

    // Then
    assertThat(layers.get(0).met()).contains(1.0);
    assertThat(layers.get(1).met().orElseThrow()).isCloseTo(1 - 0.23, EXACTLY);
    assertThat(layers.get(2).met().orElseThrow()).isCloseTo(1 - 0.25, EXACTLY);
    // And what still waits is late until now: from 80 on
    assertThat(assess(inKafka(1, 50), 110).get(2).met().orElseThrow())
        .isCloseTo(1 - 0.25 - 0.3, EXACTLY);
  }

  @Test
  void timesOfCommitsThatAreNotKnownAnyMoreAreNotJudged() {
    // Given gold's commits begin with second 26
    logs.bronze(30, 21, 29).silver(74, 30).gold(76, 74).archiveGold(1);

    // When the window is from 26 to 126
    List<LayerStatus> layers = assess(Waiting.NOTHING, 126);

    // Then
    assertThat(layers.get(2).met().orElseThrow()).isCloseTo(1 - 0.25, EXACTLY);
  }

  private List<LayerStatus> assess(Waiting inKafka, double now) {
    return assess(logs, inKafka, now);
  }

  private static List<LayerStatus> assess(Logs logs, Waiting inKafka, double now) {
    return new AssessLayers(Optional.of(inKafka), OBJECTIVE, Logs.at(now), WINDOW)
        .assess(logs.logs(now), table -> new TableFiles(0, 0, 0, 0));
  }

  private static Waiting inKafka(long records, double since) {
    return new Waiting(records, 0, Optional.of(Logs.at(since)));
  }
}
