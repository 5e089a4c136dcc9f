package io.medallion.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.Duration;

/** Waits until what was sent has reached a layer, by what the commits of its tables say. */
public final class Drained {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Drained() {}

  /** Waits until every gold table holds all of the events sent to Kafka so far. */
  public static void intoGold(String warehouse, PipelineDefinition pipeline, long sent) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(progress(warehouse, Tables.bronze(pipeline)).counter(Progress.ROWS))
                  .as("events in bronze")
                  .isEqualTo(sent);
              Progress silver = progress(warehouse, Tables.silver(pipeline));
              assertThat(silver.counter(Progress.INPUT)).as("events in silver").isEqualTo(sent);
              for (GoldDefinition gold : pipeline.gold()) {
                assertThat(progress(warehouse, Tables.gold(gold)).counter(Progress.INPUT))
                    .as("silver changes in gold.%s", gold.table())
                    .isEqualTo(silver.counter(Progress.CHANGES));
              }
            });
  }

  /** What a table's newest commit carries. */
  public static Progress progress(String warehouse, TableDefinition table) {
    return CommitLog.latest(warehouse, table).map(Commit::progress).orElse(Progress.NONE);
  }

  /** The instant of a table's newest commit as a position, {@link Span#START} when it has none. */
  public static long newest(String warehouse, TableDefinition table) {
    return CommitLog.newestInstant(warehouse, table).map(Long::valueOf).orElse(Span.START);
  }
}
