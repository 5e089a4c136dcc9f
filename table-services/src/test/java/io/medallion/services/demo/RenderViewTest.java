package io.medallion.services.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

class RenderViewTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final DemoState STATE =
      new DemoState(
          "orders",
          "http://127.0.0.1:8081",
          NOW,
          Duration.ofSeconds(75),
          150_000,
          1999,
          List.of("job aggregate-gold is RESTARTING"),
          List.of(
              layer(
                  Layer.BRONZE,
                  "orders",
                  Writing.APPEND,
                  3200,
                  149_000,
                  Map.of("t-0", 80_000L, "t-1", 69_000L),
                  Map.of()),
              layer(
                  Layer.SILVER,
                  "orders",
                  Writing.CHANGELOG,
                  8100,
                  138_200,
                  Map.of(),
                  Map.of(
                      "input",
                      149_000L,
                      "changes",
                      145_000L,
                      "pending",
                      3L,
                      "quarantined",
                      1640L,
                      "quarantined.place is known",
                      330L,
                      "quarantined.unreadable",
                      1310L)),
              layer(
                  Layer.GOLD,
                  "per_day",
                  Writing.UPSERT,
                  12_345,
                  60,
                  Map.of(),
                  Map.of("input", 144_000L)),
              new LayerState(
                  table(Layer.GOLD, "per_place", Writing.UPSERT),
                  Progress.NONE,
                  Progress.NO_EVENT_TIME)),
          List.of(
              new GoldRows(
                  "gold.per_day",
                  List.of("day", "place", "revenue"),
                  List.of(
                      List.of("2026-03-01", "US", "12345.67"),
                      List.of("2026-02-28", "APAC", "9.00")))));

  @Test
  void theScreenShowsEveryLayerTheQuarantineByRuleAndTheTopOfGold() {
    assertThat(RenderView.screen(STATE))
        .isEqualTo(
            """

              orders   01:15   web UI http://127.0.0.1:8081
              sent 150,000 events, 1,999 per second
              job aggregate-gold is RESTARTING

              table              rows  freshness
              bronze.orders   149,000      3.2 s
              silver.orders   138,200      8.1 s
              gold.per_day         60     12.3 s
              gold.per_place        0          -

              quarantined 1,640 events, waiting for their record 3 corrections
                unreadable      1,310
                place is known    330

              gold.per_day
              day         place   revenue
              2026-03-01  US     12345.67
              2026-02-28  APAC       9.00
            """);
  }

  @Test
  void theLineHoldsTheSameInShort() {
    assertThat(RenderView.line(STATE))
        .isEqualTo(
            "01:15  sent 150,000 (1,999/s)  bronze.orders 149,000 rows, 3.2 s  silver.orders 138,200 rows, 8.1 s"
                + "  gold.per_day 60 rows, 12.3 s  gold.per_place 0 rows, -"
                + "  quarantined 1,640  job aggregate-gold is RESTARTING");
  }

  @Test
  void goldIsAsFreshAsItsStalestTableAndOfUnknownFreshnessBeforeEachHasARow() {
    assertThat(STATE.goldFreshness()).isEmpty();
    assertThat(
            new DemoState(
                    "",
                    "",
                    NOW,
                    Duration.ZERO,
                    0,
                    0,
                    List.of(),
                    STATE.layers().subList(0, 3),
                    List.of())
                .goldFreshness())
        .contains(Duration.ofMillis(12_345));
  }

  @Test
  void whatIsUnderWayIsNamedForEachTable() {
    assertThat(STATE.underWay(Map.of("t-0", 80_000L, "t-1", 70_000L)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "bronze.orders", "69,000 of 70,000 offsets of t-1",
                "corrections that wait for their record", "3",
                "gold.per_day", "144,000 of 145,000 silver changes",
                "gold.per_place", "0 of 145,000 silver changes"));
  }

  private static LayerState layer(
      Layer layer,
      String name,
      Writing writing,
      long age,
      long rows,
      Map<String, Long> position,
      Map<String, Long> counters) {
    Map<String, Long> all = new HashMap<>(counters);
    all.put("rows", rows);
    Map<String, Span> spans = new HashMap<>();
    position.forEach((partition, next) -> spans.put(partition, new Span(0, next)));
    return new LayerState(
        table(layer, name, writing),
        new Progress(spans, all, Map.of(), 0, NOW.toEpochMilli() - age),
        NOW.toEpochMilli() - age);
  }

  private static TableDefinition table(Layer layer, String name, Writing writing) {
    return new TableDefinition(
        layer, name, RowType.of(new IntType()), List.of("f0"), List.of(), writing);
  }
}
