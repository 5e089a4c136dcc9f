package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.TableFiles;
import io.medallion.schemas.TableDefinition;
import io.medallion.services.Ages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says of each table of a pipeline how it keeps up, from its commits and what waits in Kafka. Ages
 * end now; that is the clock of who asks, the commits have that of the storage.
 */
final class AssessLayers {
  /** Of an interval between two checkpoints: a commit comes a while after its checkpoint. */
  private static final double PATIENCE = 1.75;

  private static final Duration COMMIT_TAKES = Duration.ofSeconds(3);

  private final Optional<Waiting> inKafka;
  private final Duration objective;
  private final Instant now;
  private final Duration window;
  private final Map<TableLog, FreshnessState> states = new HashMap<>();

  /**
   * @param inKafka what bronze has not taken; empty when that is not known
   * @param window how long back commits are counted and the objective is judged
   */
  AssessLayers(Optional<Waiting> inKafka, Duration objective, Instant now, Duration window) {
    this.inKafka = inKafka;
    this.objective = objective;
    this.now = now;
    this.window = window;
  }

  /**
   * @param logs in the order of the data
   */
  List<LayerStatus> assess(List<TableLog> logs, Function<TableDefinition, TableFiles> files) {
    List<LayerStatus> layers = new ArrayList<>();
    for (TableLog log : logs) {
      Waiting waiting = log.upstream().isEmpty() ? inKafka.orElse(Waiting.NOTHING) : log.waiting();
      Duration behind =
          age((log.upstream().isEmpty() ? waiting.since() : log.oldestUnseen()).orElse(now));
      FreshnessState state = state(log, waiting, behind);
      states.put(log, state);
      layers.add(
          new LayerStatus(
              log.table(),
              log.newest(),
              log.newestEvent().map(this::age),
              log.newestArrival().map(this::age),
              waiting,
              state,
              cause(log, waiting, state, behind),
              commitsPerMinute(log),
              new LateTimes(log, inKafka.orElse(Waiting.NOTHING), objective)
                  .met(now.minus(window), now),
              files.apply(log.table())));
    }
    return layers;
  }

  /**
   * @param behind the age of the first record that its readers do not see
   */
  private FreshnessState state(TableLog log, Waiting waiting, Duration behind) {
    if (waiting.isEmpty()) {
      return comes(log) || (isNotKnown(log) && commitsNow(log))
          ? FreshnessState.HEALTHY
          : FreshnessState.IDLE;
    }
    if (standsStill(log, waiting).compareTo(patience(log)) > 0) {
      return FreshnessState.STALLED;
    }
    return behind.compareTo(objective) > 0 ? FreshnessState.CATCHING_UP : FreshnessState.HEALTHY;
  }

  /** Whether something is under way to the table before it. */
  private boolean comes(TableLog log) {
    return log.upstream()
        .map(states::get)
        .filter(state -> state == FreshnessState.HEALTHY || state == FreshnessState.CATCHING_UP)
        .isPresent();
  }

  private boolean isNotKnown(TableLog log) {
    return log.upstream().isEmpty() && inKafka.isEmpty();
  }

  private boolean commitsNow(TableLog log) {
    return log.newest()
        .filter(commit -> Ages.since(commit.visibleAt(), log.asOf()).compareTo(patience(log)) <= 0)
        .isPresent();
  }

  /** How long something had been waiting without a commit when the commits were read. */
  private Duration standsStill(TableLog log, Waiting waiting) {
    Duration waits = Ages.since(waiting.since().orElse(log.asOf()), log.asOf());
    return log.newest()
        .map(commit -> Ages.since(commit.visibleAt(), log.asOf()))
        .filter(age -> age.compareTo(waits) < 0)
        .orElse(waits);
  }

  /** Under load, checkpoints come later than they should. */
  private Duration patience(TableLog log) {
    return log.checkpointInterval()
        .map(interval -> longer(interval, log.recentInterval()))
        .map(
            interval ->
                longer(
                    Duration.ofMillis((long) (interval.toMillis() * PATIENCE)),
                    interval.plus(COMMIT_TAKES)))
        .orElse(objective);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private String cause(TableLog log, Waiting waiting, FreshnessState state, Duration behind) {
    String before = log.upstream().map(each -> each.table().qualifiedName()).orElse("Kafka");
    String waits =
        waiting.commits() > 0
            ? "%s in %s of %s, the first for %s"
                .formatted(
                    count(waiting.records(), "row"),
                    count(waiting.commits(), "commit"),
                    before,
                    since(waiting))
            : "%s in Kafka, the first for %s"
                .formatted(count(waiting.records(), "record"), since(waiting));
    return switch (state) {
      case STALLED ->
          "waiting: %s; %s"
              .formatted(
                  waits,
                  log.newest()
                      .map(commit -> "no commit for " + Ages.of(age(commit.visibleAt())))
                      .orElse("no commit yet"));
      case CATCHING_UP ->
          "%s behind, objective %s; waiting: %s"
              .formatted(Ages.of(behind), Ages.of(objective), waits);
      case IDLE ->
          isNotKnown(log)
              ? "what waits in Kafka is not known"
              : log.upstream().map(states::get).filter(FreshnessState.STALLED::equals).isPresent()
                  ? before + " brings nothing"
                  : "";
      case HEALTHY -> "";
    };
  }

  private static String count(long number, String what) {
    return "%,d %s%s".formatted(number, what, number == 1 ? "" : "s");
  }

  private String since(Waiting waiting) {
    return Ages.of(age(waiting.since().orElse(now)));
  }

  private double commitsPerMinute(TableLog log) {
    Instant from = now.minus(window);
    List<Instant> times =
        log.commits().stream().map(Commit::visibleAt).filter(time -> time.isAfter(from)).toList();
    if (times.isEmpty()) {
      return 0;
    }
    // A table that is younger than the window has had less time.
    Duration time =
        log.commits().size() > times.size() ? window : Duration.between(times.get(0), now);
    return times.size() * 60_000.0 / Math.max(60_000, time.toMillis());
  }

  private Duration age(Instant time) {
    return Ages.since(time, now);
  }
}
