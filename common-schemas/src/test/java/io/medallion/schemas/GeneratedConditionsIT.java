package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the generated conditions in Flink: a plan alone does not show what they accept. */
class GeneratedConditionsIT {
  private static final String ROWS =
      """
      SELECT
        country,
        CAST(price AS DECIMAL(10, 2)) AS price,
        event_time,
        CAST(event_time AS DATE) AS order_date,
        TIMESTAMP '2020-01-31 12:00:00.000' AS _now
      FROM (VALUES
        ('DE', 1.00, TIMESTAMP '2020-01-31 12:05:00.000'),
        ('it''s', 2.50, TIMESTAMP '2020-01-31 12:05:00.001'),
        ('D', 2.51, TIMESTAMP '2019-01-31 12:00:00.000'),
        (CAST(NULL AS STRING), CAST(NULL AS DECIMAL(3, 2)), CAST(NULL AS TIMESTAMP(3)))
      ) AS event (country, price, event_time)
      """;

  @TempDir private Path folder;

  @Test
  void conditionsAcceptWhatTheRulesMeanAndPassNulls() throws Exception {
    assertThat(
            judge(
                "{ column: country, in: [DE, \"it's\", longer] }",
                "{ column: price, in: [1, 2.5] }",
                "{ column: order_date, in: [2020-01-31] }",
                "{ column: price, at-least: 1.5, at-most: 2.50 }",
                "{ column: event_time, at-most: now + 5 min }",
                "{ column: event_time, at-least: now - 364 d }",
                "{ column: event_time, at-most: now + 300001 ms }",
                "{ column: order_date, at-least: now - 1 d, at-most: 2020-01-31 }",
                "{ column: country, pattern: '^[A-Z]{2}$' }",
                "{ not-null: [country, price] }"))
        .containsExactly(
            "[true, true, true, false, true, true, true, true, true, true]",
            "[true, true, true, true, false, true, true, true, false, true]",
            "[false, false, false, false, true, false, true, false, false, true]",
            "[null, null, null, null, null, null, null, null, null, false]");
  }

  @Test
  void asManyValuesAsAreAllowedRun() throws Exception {
    String values =
        IntStream.range(0, ReadExpectations.MAX_ACCEPTED_VALUES - 1)
            .mapToObj(i -> "country" + i)
            .collect(Collectors.joining(", ", "[DE, ", "]"));

    assertThat(judge("{ column: country, in: " + values + " }"))
        .containsExactly("[true]", "[false]", "[false]", "[null]");
  }

  private List<String> judge(String... rules) throws Exception {
    OrdersFolder orders = new OrdersFolder(folder);
    StringBuilder yaml = new StringBuilder("a rule: { not-null: country }");
    for (String rule : rules) {
      yaml.append("\n    rule ").append(yaml.length()).append(": ").append(rule);
    }
    List<String> conditions = new ArrayList<>();
    orders
        .yaml("has a price: { not-null: price }", yaml.toString())
        .load()
        .silver()
        .expectations()
        .stream()
        .skip(1)
        .forEach(rule -> conditions.add("(" + rule.condition() + ")"));
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    tables.getConfig().set("parallelism.default", "1");
    List<String> judged = new ArrayList<>();
    try (CloseableIterator<Row> rows =
        tables
            .sqlQuery("SELECT " + String.join(", ", conditions) + " FROM (" + ROWS + ")")
            .execute()
            .collect()) {
      rows.forEachRemaining(row -> judged.add(values(row)));
    }
    return judged;
  }

  private static String values(Row row) {
    return IntStream.range(0, row.getArity())
        .mapToObj(i -> String.valueOf(row.getField(i)))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
