package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoldRefusalsTest {
  private static final String COLUMNS =
      "order_id, kind, country, price, weight, item_count, photo, tags, event_time, order_date,"
          + " _rescued_data, _created_at, _last_modified, _kafka_topic, _kafka_partition,"
          + " _kafka_offset";

  @TempDir private Path folder;

  @Test
  void aColumnThatSilverDoesNotHaveIsLocated() {
    assertThat(problems("SELECT country, SUM(total) AS s FROM silver GROUP BY country"))
        .containsExactly(
            unplannable(
                "From line 1, column 21 to line 1, column 25: Column 'total' not found in any table"));
  }

  @Test
  void aKeyColumnMustBeSelected() {
    assertThat(new OrdersFolder(folder).yaml("key: [country]", "key: [country, kind]").problems())
        .containsExactly(
            "pipeline.yaml:22: gold.sales.key[1]: found kind,"
                + " expected a column of gold/sales.sql: country, revenue, orders."
                + " Add the column to the SELECT, or name one of these.");
  }

  @Test
  void aQueryThatDoesNotAggregateIsRefused() {
    assertThat(problems("SELECT country, price FROM silver"))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found a query that does not aggregate,"
                + " expected one SELECT ... GROUP BY over silver."
                + " Group by country; readers can query silver itself for rows.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT country, SUM(weight) AS revenue FROM silver GROUP BY country",
        "SELECT country, 1 + AVG(DISTINCT weight) AS revenue FROM silver GROUP BY country",
        "SELECT country, SUM(price * weight) FILTER (WHERE price > 1) AS revenue FROM silver GROUP BY country"
      })
  void aSumThatDependsOnTheOrderOfRowsIsRefused(String sql) {
    assertThat(problems(sql))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found SUM or AVG of DOUBLE,"
                + " expected sums that do not depend on the order of rows: of DECIMAL or whole numbers."
                + " CAST what is added up, e.g. SUM(CAST(x AS DECIMAL(18, 4))).");
  }

  @Test
  void theGreatestOfDoublesAndTheSumOfTheirDecimalsAreGold() {
    assertThat(
            problems(
                "SELECT country, MAX(weight) AS most, STDDEV(weight) AS spread,"
                    + " SUM(CAST(weight AS DECIMAL(18, 4))) AS total FROM silver GROUP BY country"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY country, order_date",
        "SELECT UPPER(country) AS country, COUNT(*) AS c FROM silver GROUP BY country",
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY ROLLUP(country)",
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY country"
            + " UNION ALL SELECT kind, COUNT(*) FROM silver GROUP BY kind"
      })
  void aKeyThatIsNotTheGroupIsRefused(String sql) {
    assertThat(problems(sql))
        .containsExactly(
            "pipeline.yaml:22: gold.sales.key: found country,"
                + " expected the columns that gold/sales.sql groups by."
                + " Make key and GROUP BY the same columns, and select each as it is.");
  }

  @Test
  void aKeyThatHoldsAnAggregateIsRefused() {
    assertThat(
            new OrdersFolder(folder).yaml("key: [country]", "key: [country, revenue]").problems())
        .containsExactly(
            "pipeline.yaml:22: gold.sales.key[1]: found revenue,"
                + " expected only columns that are needed to tell groups apart: country."
                + " Remove revenue from the key.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY country ORDER BY c LIMIT 3 | SortLimit",
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY country LIMIT 3 | Limit",
        "SELECT country, c FROM (SELECT country, c, ROW_NUMBER() OVER (ORDER BY c DESC) AS n FROM"
            + " (SELECT country, COUNT(*) AS c FROM silver GROUP BY country)) WHERE n <= 3 | Rank"
      })
  void aQueryThatSortsOrRanksIsRefused(String sql, String operator) {
    assertThat(problems(sql))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found "
                + operator
                + " in the query's plan, expected an aggregation whose groups change one by one."
                + " Remove ORDER BY, LIMIT and window functions;"
                + " readers of gold can sort and rank.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT country, COUNT(*) AS c FROM silver GROUP BY country ORDER BY c"
            + " | Sort on a non-time-attribute field is not supported.",
        "SELECT country, SUM(price) OVER (PARTITION BY country ORDER BY event_time) AS s FROM silver"
            + " | StreamPhysicalOverAggregate doesn't support consuming update and delete changes",
        "SELECT country, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE silver, DESCRIPTOR(event_time),"
            + " INTERVAL '1' DAY)) GROUP BY country, window_start, window_end"
            + " | The window function requires the timecol is a time attribute type,"
            + " but is TIMESTAMP(3)."
      })
  void aQueryThatThePlannerCannotKeepUpToDateIsRefused(String sql, String reason) {
    assertThat(problems(sql)).containsExactly(unplannable(reason));
  }

  @ParameterizedTest
  @CsvSource({
    "LISTAGG(order_id), LISTAGG",
    "FIRST_VALUE(price), FIRST_VALUE",
    "LAST_VALUE(price), LAST_VALUE"
  })
  void anAggregateThatDependsOnTheOrderOfArrivalIsRefused(String aggregate, String function) {
    assertThat(problems("SELECT country, " + aggregate + " AS a FROM silver GROUP BY country"))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found "
                + function
                + ", expected aggregates that do not depend on the order in which rows arrive."
                + " Use MIN, MAX, SUM, COUNT, AVG or STDDEV.");
  }

  @Test
  void aFunctionThatCannotBeRepeatedIsRefused() {
    assertThat(
            problems(
                "SELECT country, CURRENT_DATE AS d, COUNT(*) AS c FROM silver GROUP BY country"))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found CURRENT_DATE,"
                + " expected functions that give the same value when gold is computed again."
                + " Take the time from a column of silver.");
  }

  @Test
  void aColumnWithoutANameIsRefused() {
    assertThat(problems("SELECT country, COUNT(*) FROM silver GROUP BY country"))
        .containsExactly(
            "gold/sales.sql: gold.sales.query: found column 2 without a name,"
                + " expected a name for every column. Add AS and a name to the expression.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT DISTINCT country FROM silver",
        "SELECT UPPER(country) AS country, COUNT(*) AS c FROM silver GROUP BY UPPER(country)",
        "SELECT country, COUNT(*) AS c FROM silver WHERE price > 0 GROUP BY country"
            + " HAVING COUNT(*) > 1",
        "SELECT country, MAX(paid) AS most FROM (SELECT country, order_date, SUM(price) AS paid"
            + " FROM silver GROUP BY country, order_date) GROUP BY country",
        "SELECT country, COUNT(DISTINCT order_id) AS c, STDDEV_SAMP(price) AS s,"
            + " MIN(event_time) AS first_at, MAX(_kafka_offset) AS last_offset FROM silver"
            + " GROUP BY country"
      })
  void anAggregationPerKeyIsAccepted(String sql) {
    assertThat(problems(sql)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sales", "sales-eu", "1st"})
  void aTableNameMustBeAFolderAndAnSqlName(String name) {
    assertThat(new OrdersFolder(folder).yaml("sales: {", name + ": {").problems())
        .containsExactly(
            "pipeline.yaml:22: gold."
                + name
                + ": found "
                + name
                + ", expected lower-case letters, digits and underscores, a letter first."
                + " Rename the table: it becomes a folder and an SQL name.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bronze", "silver", "gold", "quarantine"})
  void aReservedTableNameIsRefused(String name) {
    assertThat(new OrdersFolder(folder).yaml("sales: {", name + ": {").problems())
        .containsExactly(
            "pipeline.yaml:22: gold."
                + name
                + ": found "
                + name
                + ", expected a name other than bronze, silver, gold, quarantine."
                + " Rename the table: it becomes a folder and an SQL name.");
  }

  @Test
  void aTableGivenTwiceIsRefused() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("gold:\n", "gold:\n  sales: { query: gold/sales.sql, key: [country] }\n")
                .problems())
        .containsExactly(
            "pipeline.yaml:23: gold.sales: found the key a second time,"
                + " expected each key once. Remove one of the two, or rename it.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "two"})
  void aVersionCountsFromOne(String version) {
    assertThat(new OrdersFolder(folder).yaml("version: 2", "version: " + version).problems())
        .containsExactly(
            "pipeline.yaml:22: gold.sales.version: found "
                + version
                + ", expected a whole number from 1. Count up from 1.");
  }

  private List<String> problems(String sql) {
    return new OrdersFolder(folder).file("gold/sales.sql", sql).problems();
  }

  private static String unplannable(String reason) {
    return "gold/sales.sql: gold.sales.query: found a query that Flink cannot keep up to date ("
        + reason
        + "), expected one SELECT ... GROUP BY over silver. Correct it; silver has the columns "
        + COLUMNS
        + ".";
  }
}
