package io.medallion.services.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.services.Ran;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuarantineCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theSummaryCountsByRuleAndShowsTheNewest() throws Exception {
    // Given
    QuarantineSummary summary = new QuarantineSummary("silver.orders_quarantine", 2);
    summary.add(event(7, 1, "region is known"));
    summary.add(event(8, 3, "malformed-json"));
    summary.add(event(9, 2, "region is known", "amount is a number"));

    // Then
    assertThat(summary.text())
        .isEqualTo(
            """
            rule                events                 first                  last
            region is known          2  2026-01-01T00:00:01Z  2026-01-01T00:00:02Z
            amount is a number       1  2026-01-01T00:00:02Z  2026-01-01T00:00:02Z
            malformed-json           1  2026-01-01T00:00:03Z  2026-01-01T00:00:03Z

            2026-01-01T00:00:03Z  orders-0@8  because of malformed-json
            2026-01-01T00:00:02Z  orders-0@9  because of region is known
            3 events in silver.orders_quarantine; the newest 2 are shown.
            """);
    assertThat(JSON.readTree(summary.json()))
        .isEqualTo(
            JSON.readTree(
                """
                {
                  "table": "silver.orders_quarantine", "events": 3,
                  "rules": [
                    {"rule": "region is known", "events": 2,
                     "first": "2026-01-01T00:00:01Z", "last": "2026-01-01T00:00:02Z"},
                    {"rule": "amount is a number", "events": 1,
                     "first": "2026-01-01T00:00:02Z", "last": "2026-01-01T00:00:02Z"},
                    {"rule": "malformed-json", "events": 1,
                     "first": "2026-01-01T00:00:03Z", "last": "2026-01-01T00:00:03Z"}],
                  "newest": [
                    {"topic": "orders", "partition": 0, "offset": 8,
                     "kafka-timestamp": "2026-01-01T00:00:00Z",
                     "quarantined-at": "2026-01-01T00:00:03Z",
                     "rules": ["malformed-json"], "reason": "because of malformed-json"},
                    {"topic": "orders", "partition": 0, "offset": 9,
                     "kafka-timestamp": "2026-01-01T00:00:00Z",
                     "quarantined-at": "2026-01-01T00:00:02Z",
                     "rules": ["region is known", "amount is a number"],
                     "reason": "because of region is known"}]
                }
                """));
  }

  @Test
  void nothingFoundIsSaid() {
    assertThat(new QuarantineSummary("silver.orders_quarantine", 2).text())
        .isEqualTo("No such event in silver.orders_quarantine.\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "list --since yesterday | --since: found yesterday, expected a UTC time such as 2026-01-31T12:00:00Z or a duration such as 2h.",
        "list --limit -1 | --limit: -1 is below 0.",
        "show transactions-0 | Found transactions-0, expected TOPIC-PARTITION@OFFSET such as transactions-0@42."
      })
  void whatCannotBeReadIsRefused(String arguments, String message) {
    // When
    Ran ran =
        Ran.of(
            new QuarantineCommand(),
            (arguments + " --pipeline ../pipelines/transactions --warehouse nowhere").split(" "));

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith(message);
  }

  @Test
  void aWarehouseWithoutAQuarantineIsRefused() {
    // When
    Ran ran =
        Ran.of(
            new QuarantineCommand(),
            "list",
            "--pipeline",
            "../pipelines/transactions",
            "--warehouse",
            "nowhere");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            """
            The warehouse cannot be used, 1 problem:
              - command line: --warehouse: found nowhere, expected a warehouse with a commit of \
            silver.transactions_quarantine. Correct the address or the pipeline, or start refine-silver.
            """);
  }

  private static QuarantinedEvent event(long offset, int second, String... rules) {
    return new QuarantinedEvent(
        "orders",
        0,
        offset,
        FIRST,
        List.of(rules),
        "because of " + rules[0],
        FIRST.plusSeconds(second));
  }
}
