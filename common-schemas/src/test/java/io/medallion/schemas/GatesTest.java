package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.Gate.EventCount;
import io.medallion.schemas.Gate.NullShare;
import io.medallion.schemas.Gate.QuarantinedShare;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatesTest {
  private static final String COLUMNS =
      "order_id, kind, country, price, weight, item_count, photo, tags, event_time, order_date";

  @TempDir private Path folder;

  @Test
  void everyGateIsRead() {
    assertThat(
            gates(
                """
                    quarantined-share: { at-most: 20%, over: 500 events }
                    null-share: { columns: [country, price], at-most: 2.5 % }
                    event-count: { at-least: 10%, at-most: 1000%, of: 5 commits }
                """))
        .containsExactly(
            new QuarantinedShare(new BigDecimal("20"), 500),
            new NullShare("country", new BigDecimal("2.5"), 1000),
            new NullShare("price", new BigDecimal("2.5"), 1000),
            new EventCount(new BigDecimal("10"), new BigDecimal("1000"), 5));
  }

  @Test
  void whatIsLeftOutHasDefaults() {
    assertThat(gates("    event-count: { at-least: 10% }\n"))
        .containsExactly(new EventCount(new BigDecimal("10"), null, 20));
    assertThat(new OrdersFolder(folder).load().silver().gates()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quarantine-share: { at-most: 20% } | silver.gates.quarantine-share: found an unknown key, expected one of quarantined-share, null-share, event-count. Did you mean quarantined-share?",
        "quarantined-share: 20% | silver.gates.quarantined-share: found 20%, expected a gate. Write for example quarantined-share: { at-most: 20% }.",
        "quarantined-share: {} | silver.gates.quarantined-share.at-most: found nothing, expected a percentage up to 100%. Add for example at-most: 20%.",
        "quarantined-share: { at-most: 0.2 } | silver.gates.quarantined-share.at-most: found 0.2, expected a percentage. Write for example at-most: 20%.",
        "quarantined-share: { at-most: 120% } | silver.gates.quarantined-share.at-most: found 120%, expected a percentage up to 100%. Write for example 20%.",
        "quarantined-share: { at-most: 20%, over: 1000 } | silver.gates.quarantined-share.over: found 1000, expected a number of events. Write for example over: 1000 events.",
        "event-count: { of: 3 commits } | silver.gates.event-count: found no bound, expected at-least, at-most or both. Add for example at-least: 10%.",
        "event-count: { at-least: 1%, of: 0 commits } | silver.gates.event-count.of: found 0 commits, expected a number of commits. Write for example of: 20 commits."
      })
  void aGateThatCannotBeReadIsRefused(String gate, String problem) {
    assertThat(with("    " + gate + "\n").problems())
        .containsExactly("pipeline.yaml:22: " + problem);
  }

  @Test
  void aColumnMustBeSelected() {
    assertThat(with("    null-share: { columns: [count], at-most: 1% }\n").problems())
        .containsExactly(
            "pipeline.yaml:22: silver.gates.null-share.columns[0]: found count, expected a column of the SELECT: "
                + COLUMNS
                + ". Did you mean country?");
  }

  private List<Gate> gates(String yaml) {
    return with(yaml).load().silver().gates();
  }

  private OrdersFolder with(String gates) {
    return new OrdersFolder(folder).yaml("gold:\n", "  gates:\n" + gates + "gold:\n");
  }
}
