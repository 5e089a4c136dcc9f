package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.Expectation.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationsTest {
  private static final String COLUMNS =
      "order_id, kind, country, price, weight, item_count, photo, tags, event_time, order_date";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ not-null: price } | `price` IS NOT NULL",
        "{ not-null: [price, country] } | `price` IS NOT NULL AND `country` IS NOT NULL",
        "{ column: country, in: [US, \"it's\", NO] }"
            + " | CAST(`country` AS STRING) IN ('US', 'it''s', 'NO')",
        "{ column: item_count, in: [1, -2] } | `item_count` IN (1, -2)",
        "{ column: price, in: [1, 2.5] } | `price` IN (1, 2.5)",
        "{ column: order_date, in: [2020-01-31] } | CAST(`order_date` AS STRING) IN ('2020-01-31')",
        "{ column: price, at-least: 0 } | `price` >= 0",
        "{ column: price, at-least: -1.5, at-most: 1000 } | `price` >= -1.5 AND `price` <= 1000",
        "{ column: event_time, at-most: now } | `event_time` <= `_now`",
        "{ column: event_time, at-most: now + 5 min }"
            + " | `event_time` <= `_now` + INTERVAL '5' MINUTE",
        "{ column: event_time, at-least: now - 365 d }"
            + " | `event_time` >= `_now` - INTERVAL '365' DAY(3)",
        "{ column: event_time, at-most: now+90s } | `event_time` <= `_now` + INTERVAL '90' SECOND",
        "{ column: event_time, at-most: now + 1500 ms }"
            + " | `event_time` <= `_now` + INTERVAL '1.500' SECOND",
        "{ column: event_time, at-most: now + 2 h } | `event_time` <= `_now` + INTERVAL '2' HOUR",
        "{ column: event_time, at-least: 2020-01-31 }"
            + " | `event_time` >= TIMESTAMP '2020-01-31 00:00:00'",
        "{ column: event_time, at-least: '2020-01-31T12:30:00.5Z' }"
            + " | `event_time` >= TIMESTAMP '2020-01-31 12:30:00.5'",
        "{ column: order_date, at-least: 2020-01-31, at-most: now + 1 d }"
            + " | `order_date` >= DATE '2020-01-31'"
            + " AND `order_date` <= CAST(`_now` + INTERVAL '1' DAY AS DATE)",
        "{ column: country, pattern: '^[A-Z]{2}$' } | REGEXP(`country`, '^[A-Z]{2}$')",
        "{ column: country, pattern: \"it's\" } | REGEXP(`country`, 'it''s')",
        "{ condition: ABS(price) < 10 } | ABS(price) < 10",
        "{ condition: event_time < _now } | event_time < _now"
      })
  void aRuleBecomesACondition(String rule, String condition) {
    assertThat(expectation(rule).condition()).isEqualTo(condition);
  }

  @Test
  void aNotNullRuleListsItsColumns() {
    assertThat(expectation("{ not-null: [price, country], otherwise: fail }"))
        .isEqualTo(
            new Expectation(
                "a rule",
                "`price` IS NOT NULL AND `country` IS NOT NULL",
                List.of("price", "country"),
                Violation.FAIL));
  }

  @ParameterizedTest
  @CsvSource({"warn, WARN", "quarantine, QUARANTINE", "fail, FAIL"})
  void aRuleSaysWhatAViolationDoes(String otherwise, Violation violation) {
    assertThat(expectation("{ not-null: price, otherwise: " + otherwise + " }").otherwise())
        .isEqualTo(violation);
  }

  @Test
  void aViolationIsQuarantinedUnlessTheRuleSaysOtherwise() {
    assertThat(expectation("{ not-null: price }").otherwise()).isEqualTo(Violation.QUARANTINE);
  }

  @Test
  void aReferenceTableIsReadFromTheColumnOfTheSameName() {
    assertThat(
            new OrdersFolder(folder)
                .file(
                    "countries.csv", "name,country\nGermany,DE\n\"Côte d'Ivoire\",CI\n\nNowhere,\n")
                .rule("{ column: country, in: countries.csv }")
                .load()
                .silver()
                .expectations()
                .get(0)
                .condition())
        .isEqualTo("CAST(`country` AS STRING) IN ('DE', 'CI')");
  }

  @Test
  void aReferenceTableWithoutSuchAColumnIsReadFromItsFirst() {
    assertThat(
            new OrdersFolder(folder)
                .file("countries.csv", "name,code\n\"Côte d'Ivoire\",CI\nPeru,PE\nPeru,PE\n")
                .rule("{ column: country, in: countries.csv }")
                .load()
                .silver()
                .expectations()
                .get(0)
                .condition())
        .isEqualTo("CAST(`country` AS STRING) IN ('Côte d''Ivoire', 'Peru')");
  }

  @Test
  void aReferenceTableWithoutValuesIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .file("countries.csv", "country\n")
                .rule("{ column: country, in: countries.csv }")
                .problems())
        .containsExactly(
            at("in")
                + "found countries.csv, which holds no values,"
                + " expected a header line and one line per value. Add the values.");
  }

  @Test
  void aReferenceTableThatIsNotCsvIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .file("countries.csv", "country\n\"US\"A\n")
                .rule("{ column: country, in: countries.csv }")
                .problems())
        .containsExactly(
            at("in")
                + "found countries.csv, which is not CSV (Unexpected character ('A' (code 65)):"
                + " Expected column separator character (',' (code 44)) or end-of-line),"
                + " expected a header line and one line per value."
                + " Correct the file; put a value that holds commas or quotes into quotes.");
  }

  @Test
  void aReferenceTableThatIsNotThereIsRefused() {
    assertThat(problems("{ column: country, in: countries.csv }"))
        .containsExactly(
            at("in")
                + "found countries.csv, which is not there, expected a file."
                + " Add the file to the pipeline folder or correct its name.");
  }

  @Test
  void moreValuesThanFlinkPlansInReasonableTimeAreRefused() {
    int tooMany = ReadExpectations.MAX_ACCEPTED_VALUES + 1;
    assertThat(
            new OrdersFolder(folder)
                .file("countries.csv", countries(tooMany))
                .rule("{ column: country, in: countries.csv }")
                .problems())
        .containsExactly(
            at("in")
                + "found "
                + tooMany
                + " values, expected at most "
                + ReadExpectations.MAX_ACCEPTED_VALUES
                + ". Write a pattern or a condition instead.");
  }

  @Test
  void asManyValuesAsAreAllowedArePlanned() {
    assertThat(
            new OrdersFolder(folder)
                .file("countries.csv", countries(ReadExpectations.MAX_ACCEPTED_VALUES))
                .rule("{ column: country, in: countries.csv }")
                .problems())
        .isEmpty();
  }

  @Test
  void aRuleWithoutAKindIsRefused() {
    assertThat(problems("{ column: country }"))
        .containsExactly(
            "pipeline.yaml:20: silver.expectations.a rule: found no kind of rule,"
                + " expected one of not-null, in, at-least and at-most, pattern, condition, reference."
                + " Add one.");
  }

  @Test
  void aRuleOfTwoKindsIsRefused() {
    assertThat(problems("{ column: price, at-least: 0, in: [1] }"))
        .containsExactly(
            "pipeline.yaml:20: silver.expectations.a rule: found in and at-least,"
                + " expected one of not-null, in, at-least and at-most, pattern, condition, reference."
                + " Make a rule of each.");
  }

  @Test
  void aRuleThatIsNoMappingIsRefused() {
    assertThat(problems("price > 0"))
        .containsExactly(
            "pipeline.yaml:20: silver.expectations.a rule: found price > 0, expected a rule."
                + " Write for example { not-null: transaction_id, otherwise: quarantine }.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ not-null: price, column: price } | column"
            + " | found a column beside not-null, expected not-null alone. Remove column.",
        "{ in: [US] } | column"
            + " | found nothing, expected a column of the SELECT. Add for example column: region.",
        "{ column: country, in: [] } | in | found an empty list,"
            + " expected a list of values, or a CSV file. Write for example in: [US, EU].",
        "{ column: item_count, in: [1, many] } | in[1]"
            + " | found many, expected values of item_count's type INT. Write numbers.",
        "{ column: order_date, in: [2020-02-30] } | in[0] | found 2020-02-30,"
            + " expected values of order_date's type DATE. Write dates such as 2020-01-31.",
        "{ column: weight, in: [1] } | column | found weight of type DOUBLE,"
            + " expected a text, whole number, decimal or date column."
            + " Write the rule as a condition.",
        "{ column: price, at-most: lots } | at-most"
            + " | found lots, expected a number. Write such a bound, or a condition.",
        "{ column: event_time, at-most: now + 5 fortnights } | at-most"
            + " | found now + 5 fortnights, expected now, now + 5 min, now - 10 d,"
            + " or a UTC time such as 2020-01-31 or 2020-01-31T12:00:00."
            + " Write such a bound, or a condition.",
        "{ column: order_date, at-least: 2020-01-31T12:00:00 } | at-least"
            + " | found 2020-01-31T12:00:00, expected now, now + 5 min, now - 10 d,"
            + " or a date such as 2020-01-31. Write such a bound, or a condition.",
        "{ column: country, at-most: 3 } | column | found country of type STRING,"
            + " expected a number, date or timestamp. Write the rule as a condition.",
        "{ column: country, pattern: '[A-' } | pattern"
            + " | found [A- (Illegal character range at 3), expected a regular expression of Java."
            + " Correct it; quote it in YAML if it holds : or #.",
        "{ column: price, pattern: '^1' } | column | found price of type DECIMAL(10, 2),"
            + " expected a text column. Write the rule as a condition with a CAST.",
        "{ not-null: price, otherwise: drop } | otherwise | found drop,"
            + " expected warn, quarantine or fail."
            + " Write one of these; without it, it is quarantine.",
        "{ condition: price } | condition | found price, which is not true or false,"
            + " expected one SQL condition. Write a comparison, for example amount > 0.",
        "{ condition: 'price > 1), (price < 2' } | condition"
            + " | found price > 1), (price < 2, which is not true or false,"
            + " expected one SQL condition. Write a comparison, for example amount > 0.",
        "{ condition: COUNT(*) > 1 } | condition"
            + " | found COUNT(*) > 1, which needs GROUP BY, DISTINCT or an aggregate,"
            + " expected a condition on the columns of one row."
            + " Compare columns of the row only; for known values use column and in.",
        "{ condition: event_time < NOW() } | condition"
            + " | found event_time < NOW(), which calls NOW,"
            + " expected a condition that judges a replayed event as the first time."
            + " Use _now, the Kafka timestamp of the event.",
        "{ condition: prize > 0 } | condition"
            + " | found prize > 0 (Column 'prize' not found in any table),"
            + " expected an SQL condition over "
            + COLUMNS
            + " and _now. Correct the condition.",
        "{ condition: price > } | condition | found price > (Encountered \"> )\".),"
            + " expected an SQL condition over "
            + COLUMNS
            + " and _now. Correct the condition.",
        "{ condition: price > 0 -- yes } | condition"
            + " | found price > 0 -- yes (Encountered \"<EOF>\".),"
            + " expected an SQL condition over "
            + COLUMNS
            + " and _now. Correct the condition."
      })
  void aRuleThatMakesNoSenseIsRefused(String rule, String key, String message) {
    assertThat(problems(rule)).containsExactly(at(key) + message);
  }

  private Expectation expectation(String rule) {
    return new OrdersFolder(folder).rule(rule).load().silver().expectations().get(0);
  }

  private List<String> problems(String rule) {
    return new OrdersFolder(folder).rule(rule).problems();
  }

  private static String at(String key) {
    return "pipeline.yaml:20: silver.expectations.a rule." + key + ": ";
  }

  private static String countries(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "c" + i)
        .collect(Collectors.joining("\n", "country\n", "\n"));
  }
}
