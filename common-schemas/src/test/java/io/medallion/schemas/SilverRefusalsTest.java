package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SilverRefusalsTest {
  private static final String COLUMNS =
      "order_id, kind, country, price, weight, item_count, photo, tags, event_time, order_date";
  private static final String FIELDS =
      "id, shop, kind, country, price, weight, count, photo, tags, at";

  /** Enough columns for everything that builds on silver. */
  private static final String SELECT =
      "SELECT id AS order_id, country, price, `at` AS event_time, CAST(`at` AS DATE) AS order_date";

  private static final String CORRECTION = "    correction: { when: FIX, sets: [price] }\n";

  @TempDir private Path folder;
  private OrdersFolder orders;

  @BeforeEach
  void aFolder() {
    orders = new OrdersFolder(folder);
  }

  @Test
  void aKeyColumnMustBeSelected() {
    orders.yaml("key: [order_id]", "key: [order_id, id]").yaml("[order_date]", "[country]");

    assertThat(orders.problems())
        .containsExactly(
            "pipeline.yaml:12: silver.key[1]: found id, expected a column of silver.sql: "
                + COLUMNS
                + ". Add the column to the SELECT, or name one of these.");
  }

  @Test
  void aPartitionColumnMustBeSelected() {
    assertThat(orders.yaml("[order_date]", "[order_day]").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[0]: found order_day,"
                + " expected a column of silver.sql: "
                + COLUMNS
                + ". Did you mean order_date?");
  }

  @Test
  void theOrderColumnMustBeSelected() {
    assertThat(orders.yaml("order-by: event_time", "order-by: at").problems())
        .containsExactly(
            "pipeline.yaml:14: silver.order-by: found at, expected a column of silver.sql: "
                + COLUMNS
                + ". Add the column to the SELECT, or name one of these.");
  }

  @ParameterizedTest
  @CsvSource({"country, STRING", "price, 'DECIMAL(10, 2)'", "weight, DOUBLE"})
  void theOrderColumnMustBeATimeOrAWholeNumber(String column, String type) {
    assertThat(orders.yaml("order-by: event_time", "order-by: " + column).problems())
        .containsExactly(
            "pipeline.yaml:14: silver.order-by: found "
                + column
                + " of type "
                + type
                + ", expected TIMESTAMP, BIGINT, INT or DATE."
                + " CAST it in silver.sql, or use another column.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event_time", "item_count", "order_date"})
  void theOrderColumnMayBeATimeOrAWholeNumber(String column) {
    assertThat(orders.yaml("order-by: event_time", "order-by: " + column).load().silver().orderBy())
        .isEqualTo(column);
  }

  @ParameterizedTest
  @CsvSource({"photo, BYTES", "tags, ARRAY<STRING NOT NULL>", "weight, DOUBLE"})
  void aKeyColumnMustHaveOneTextForEachValue(String column, String type) {
    assertThat(orders.yaml("key: [order_id]", "key: [" + column + "]").problems())
        .containsExactly(
            "pipeline.yaml:12: silver.key[0]: found "
                + column
                + " of type "
                + type
                + ", expected a text, number, date, timestamp or boolean."
                + " CAST it in silver.sql, or use another column.");
  }

  @ParameterizedTest
  @CsvSource({
    "price, 'DECIMAL(10, 2)'",
    "weight, DOUBLE",
    "photo, BYTES",
    "tags, ARRAY<STRING NOT NULL>"
  })
  void aPartitionColumnMustNameAFolder(String column, String type) {
    assertThat(orders.yaml("[order_date]", "[" + column + "]").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[0]: found "
                + column
                + " of type "
                + type
                + ", expected STRING, INT, BIGINT or DATE."
                + " CAST it in silver.sql, or use another column.");
  }

  @Test
  void aTimestampPartitionsByItsDay() {
    assertThat(orders.yaml("[order_date]", "[event_time]").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[0]: found event_time of type TIMESTAMP(3),"
                + " expected STRING, INT, BIGINT or DATE. CAST it AS DATE in silver.sql.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[country]", "[item_count]", "[country, item_count]", "[order_date]"})
  void textsWholeNumbersAndOneDatePartition(String columns) {
    assertThat(orders.yaml("[order_date]", columns).problems()).isEmpty();
  }

  @Test
  void aDateDoesNotPartitionBesideAnotherColumn() {
    assertThat(orders.yaml("[order_date]", "[country, order_date]").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[1]: found order_date of type DATE,"
                + " one of 2 partition columns,"
                + " expected a DATE only as the one partition column of a table with one key"
                + " column. CAST it AS STRING in silver.sql.");
  }

  @Test
  void aDateDoesNotPartitionATableWithTwoKeyColumns() {
    assertThat(orders.yaml("key: [order_id]", "key: [order_id, country]").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[0]: found order_date of type DATE,"
                + " with 2 key columns,"
                + " expected a DATE only as the one partition column of a table with one key"
                + " column. CAST it AS STRING in silver.sql.");
  }

  @Test
  void aDateDoesNotPartitionAHistory() {
    assertThat(orders.yaml("  order-by:", "  history: true\n  order-by:").problems())
        .containsExactly(
            "pipeline.yaml:13: silver.partition-by[0]: found order_date of type DATE,"
                + " with valid_from in the key,"
                + " expected a DATE only as the one partition column of a table with one key"
                + " column. CAST it AS STRING in silver.sql.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "TRUE", "1"})
  void historyIsTrueOrFalse(String text) {
    assertThat(orders.yaml("  order-by:", "  history: " + text + "\n  order-by:").problems())
        .containsExactly(
            "pipeline.yaml:14: silver.history: found "
                + text
                + ", expected true or false. Write for example history: true.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"valid_from", "valid_to", "is_current"})
  void aColumnThatAHistoryAddsItselfIsRefused(String name) {
    orders.edit("silver.sql", "FROM bronze", ", shop AS " + name + " FROM bronze");
    assertThat(orders.problems()).isEmpty();

    assertThat(
            orders
                .yaml("[order_date]", "[country]")
                .yaml("  order-by:", "  history: true\n  order-by:")
                .problems())
        .containsExactly(
            "silver.sql: silver.query: found column "
                + name
                + ", expected names that the table does not add itself."
                + " Give the column another name.");
  }

  @Test
  void aHistoryNeedsItsOrderColumn() {
    assertThat(
            orders
                .yaml("[order_date]", "[country]")
                .yaml("order-by: event_time", "history: true\n  order-by: at")
                .problems())
        .containsExactly(
            "pipeline.yaml:15: silver.order-by: found at, expected a column of silver.sql: "
                + COLUMNS
                + ". Add the column to the SELECT, or name one of these.");
  }

  @Test
  void aKeyIsRequired() {
    assertThat(orders.yaml("  key: [order_id]\n", "").problems())
        .containsExactly(
            "pipeline.yaml:11: silver.key: found nothing,"
                + " expected the columns that identify a row."
                + " Add for example key: [transaction_id].");
  }

  @Test
  void anEmptyQueryIsRefused() {
    assertThat(orders.file("silver.sql", " \n;").problems())
        .containsExactly(
            "pipeline.yaml:11: silver.query: found silver.sql, which is empty,"
                + " expected one SELECT. Write the query.");
  }

  @Test
  void anUnknownColumnIsLocated() {
    assertThat(orders.edit("silver.sql", "  price,", "  prise,").problems())
        .containsExactly(
            unplannable(
                "From line 5, column 3 to line 5, column 7: Column 'prise' not found in any table"));
  }

  @Test
  void aSyntaxErrorIsLocated() {
    assertThat(orders.edit("silver.sql", "order_date\nFROM", "order_date,\nFROM").problems())
        .containsExactly(
            unplannable("Incorrect syntax near the keyword 'FROM' at line 12, column 1."));
  }

  @Test
  void aReservedWordNeedsBackquotes() {
    assertThat(orders.edit("silver.sql", "`count`", "count").problems())
        .containsExactly(unplannable("Encountered \"count AS\" at line 7, column 3."));
  }

  @Test
  void onlyBronzeCanBeSelectedFrom() {
    assertThat(orders.edit("silver.sql", "FROM bronze", "FROM elsewhere").problems())
        .containsExactly(
            unplannable(
                "From line 12, column 6 to line 12, column 14: Object 'elsewhere' not found"));
  }

  @Test
  void twoStatementsAreRefused() {
    assertThat(orders.edit("silver.sql", "FROM bronze", "FROM bronze; SELECT 1").problems())
        .containsExactly(unplannable("only single statement supported"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FROM bronze WHERE price > 0 | WHERE | Write an expectation, or filter in gold.",
        "FROM bronze ORDER BY country LIMIT 3 | ORDER BY or LIMIT | Move it to a gold query.",
        "FROM bronze JOIN (SELECT id AS other FROM bronze) ON id = other | JOIN | Move it to a gold query.",
        "FROM bronze CROSS JOIN UNNEST(tags) AS t(tag) | a table function | Move it to a gold query.",
        ", (SELECT MAX(price) FROM bronze) AS top FROM bronze"
            + " | GROUP BY, DISTINCT or an aggregate | Move it to a gold query.",
        ", (id IN (SELECT shop FROM bronze)) AS own FROM bronze | a subquery | Move it to a gold query.",
        "FROM bronze GROUP BY id, country, price, `at`"
            + " | GROUP BY, DISTINCT or an aggregate | Move it to a gold query.",
        "FROM (SELECT DISTINCT * FROM bronze) | GROUP BY, DISTINCT or an aggregate"
            + " | Move it to a gold query.",
        "FROM (SELECT * FROM bronze UNION ALL SELECT * FROM bronze)"
            + " | UNION, INTERSECT or EXCEPT | Move it to a gold query."
      })
  void anythingButOneRowOutPerRowInIsRefused(String from, String found, String remedy) {
    assertThat(orders.file("silver.sql", SELECT + " " + from).yaml(CORRECTION, "").problems())
        .containsExactly(
            "silver.sql: silver.query: found "
                + found
                + ", expected a SELECT that makes one row of each row of bronze. "
                + remedy);
  }

  @Test
  void aWindowFunctionIsRefused() {
    assertThat(
            orders
                .file(
                    "silver.sql",
                    SELECT
                        + ", ROW_NUMBER() OVER (PARTITION BY country ORDER BY PROCTIME()) AS nth"
                        + " FROM bronze")
                .problems())
        .containsExactly(
            "silver.sql: silver.query: found OVER,"
                + " expected a SELECT that makes one row of each row of bronze."
                + " Move it to a gold query.",
            "silver.sql: silver.query: found PROCTIME, expected functions that give the same"
                + " value whenever an event is read again."
                + " Take the time from a field of the event.");
  }

  @Test
  void literalsThatLookLikeAPlanAreTexts() {
    assertThat(
            orders
                .file(
                    "silver.sql",
                    SELECT + ", 'it''s where=[x]\nLogicalFilter(NOW())' AS note FROM bronze; ")
                .load()
                .silver()
                .columns()
                .getFieldNames())
        .contains("note");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"_created_at", "_kafka_offset", "_rescued_data", "_now", "_hoodie_file_name"})
  void aColumnThatTheTableAddsItselfIsRefused(String name) {
    assertThat(
            orders
                .edit("silver.sql", "FROM bronze", ", shop AS " + name + " FROM bronze")
                .problems())
        .containsExactly(
            "silver.sql: silver.query: found column "
                + name
                + ", expected names that the table does not add itself."
                + " Give the column another name.");
  }

  @Test
  void aFieldNamedAsAColumnThatTheTableAddsIsSelectedUnderAnotherName() {
    orders.edit(
        "order.avsc",
        "\"fields\": [",
        "\"fields\": [{\"name\": \"_created_at\", \"type\": [\"null\", \"string\"]},");

    assertThat(orders.edit("silver.sql", "FROM bronze", ", `_created_at` FROM bronze").problems())
        .containsExactly(
            "silver.sql: silver.query: found column _created_at,"
                + " expected names that the table does not add itself."
                + " Give the column another name.");
    assertThat(orders.edit("silver.sql", "`_created_at`", "`_created_at` AS made_at").problems())
        .isEmpty();
  }

  @Test
  void aColumnWithoutANameIsRefused() {
    assertThat(orders.edit("silver.sql", "FROM bronze", ", price * 2 FROM bronze").problems())
        .containsExactly(
            "silver.sql: silver.query: found column 11 without a name,"
                + " expected a name for every column. Add AS and a name to the expression.");
  }

  @Test
  void aColumnNameThatOtherReadersCannotWriteIsRefused() {
    assertThat(orders.edit("silver.sql", "FROM bronze", ", price AS `a b` FROM bronze").problems())
        .containsExactly(
            "silver.sql: silver.query: found column a b,"
                + " expected names of letters, digits and underscores. Add AS and such a name.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TO_TIMESTAMP_LTZ(`count`, 3) | TIMESTAMP_LTZ(3)"
            + " | CAST it AS TIMESTAMP(3): all timestamps are UTC, without a time zone.",
        "CAST(`at` AS TIMESTAMP(9)) | TIMESTAMP(9) | CAST it AS TIMESTAMP(6).",
        "INTERVAL '1' DAY | INTERVAL SECOND(3) | CAST it to another type."
      })
  void aTypeThatNoTableHoldsIsRefused(String expression, String type, String remedy) {
    assertThat(
            orders
                .edit("silver.sql", "FROM bronze", ", " + expression + " AS odd FROM bronze")
                .problems())
        .containsExactly(
            "silver.sql: silver.query: found column odd of type "
                + type
                + ", expected a type that a table can hold. "
                + remedy);
  }

  @ParameterizedTest
  @CsvSource({"CAST(NOW() AS STRING), NOW", "RAND(), RAND", "UUID(), UUID"})
  void aFunctionThatCannotBeRepeatedIsRefused(String expression, String function) {
    assertThat(
            orders
                .edit("silver.sql", "FROM bronze", ", " + expression + " AS odd FROM bronze")
                .problems())
        .containsExactly(
            "silver.sql: silver.query: found "
                + function
                + ", expected functions that give the same value whenever an event is read again."
                + " Take the time from a field of the event.");
  }

  @Test
  void theOperationMustBeAContractField() {
    assertThat(orders.yaml("operation: kind", "operation: kynd").problems())
        .containsExactly(
            "pipeline.yaml:16: silver.changes.operation: found kynd,"
                + " expected a field of the contract: "
                + FIELDS
                + ". Did you mean kind?");
  }

  @Test
  void theOperationMustBeText() {
    assertThat(orders.yaml("operation: kind", "operation: price").problems())
        .containsExactly(
            "pipeline.yaml:16: silver.changes.operation: found price of type DECIMAL(10, 2),"
                + " expected a string or enum field."
                + " Name the field that says NEW, CORRECTION or the like.");
  }

  @Test
  void changesNeedAnOperation() {
    assertThat(orders.yaml("    operation: kind\n", "").problems())
        .containsExactly(
            "pipeline.yaml:16: silver.changes.operation: found nothing,"
                + " expected the contract field that tells the kinds of event apart."
                + " Add for example operation: update_type.");
  }

  @Test
  void aCorrectionSetsContractFields() {
    assertThat(orders.yaml("sets: [price]", "sets: [price, item_count]").problems())
        .containsExactly(
            "pipeline.yaml:17: silver.changes.correction.sets[1]: found item_count,"
                + " expected a field of the contract: "
                + FIELDS
                + ". Name one of these; columns of the SELECT are not fields.");
  }

  @Test
  void aCorrectionSetsSomething() {
    assertThat(orders.yaml("when: FIX, sets: [price]", "when: FIX").problems())
        .containsExactly(
            "pipeline.yaml:17: silver.changes.correction.sets: found nothing,"
                + " expected the contract fields that a correction may change."
                + " Add for example sets: [amount].");
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "shop"})
  void aCorrectionCannotSetWhatTheKeyIsComputedFrom(String field) {
    assertThat(orders.yaml("sets: [price]", "sets: [price, " + field + "]").problems())
        .containsExactly(
            "pipeline.yaml:17: silver.changes.correction.sets[1]: found "
                + field
                + ", which silver.key is computed from,"
                + " expected fields that do not change which row is meant."
                + " Remove it; to move a record, reverse it and send it anew.");
  }

  @Test
  void aCorrectionMayShareItsNameWithAnAliasOfTheKey() {
    // The key column is called price here and is computed from other fields.
    assertThat(
            orders
                .file(
                    "silver.sql",
                    "SELECT id AS price, country, `at` AS event_time, CAST(`at` AS DATE) AS order_date"
                        + " FROM bronze")
                .yaml("key: [order_id]", "key: [price]")
                .edit("gold/sales.sql", "SUM(price)", "COUNT(price)")
                .problems())
        .isEmpty();
  }

  @Test
  void aValueMustBeASymbolOfTheEnum() {
    assertThat(
            orders.yaml("when: FIX", "when: FIXED").yaml("when: UNDO", "when: DELETE").problems())
        .containsExactly(
            "pipeline.yaml:17: silver.changes.correction.when: found FIXED,"
                + " expected a symbol of kind: NEW, FIX, UNDO."
                + " Name one of these, or add the symbol to the contract.",
            "pipeline.yaml:18: silver.changes.reversal.when: found DELETE,"
                + " expected a symbol of kind: NEW, FIX, UNDO."
                + " Name one of these, or add the symbol to the contract.");
  }

  @Test
  void anyValueWillDoForAStringOperation() {
    assertThat(
            orders
                .yaml("operation: kind", "operation: country")
                .yaml("when: FIX", "when: fixed")
                .load()
                .silver()
                .changes()
                .correctionWhen())
        .isEqualTo("fixed");
  }

  @Test
  void oneValueCannotMeanCorrectionAndReversal() {
    assertThat(orders.yaml("when: UNDO", "when: FIX").problems())
        .containsExactly(
            "pipeline.yaml:18: silver.changes.reversal.when: found FIX, as for corrections,"
                + " expected another value than changes.correction.when."
                + " Give corrections and reversals a value each.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "soon | expected a duration above zero with a unit: s, min, h or d."
            + " Write for example state-lifetime: 90 d.",
        "0 s | expected a duration above zero with a unit: s, min, h or d."
            + " Write for example state-lifetime: 90 d."
      })
  void aStateLifetimeThatIsNoDurationIsRefused(String text, String problem) {
    assertThat(
            new OrdersFolder(folder)
                .yaml("  order-by:", "  state-lifetime: " + text + "\n  order-by:")
                .problems())
        .containsExactly("pipeline.yaml:14: silver.state-lifetime: found " + text + ", " + problem);
  }

  @Test
  void aHistoryHasNoStateLifetime() {
    assertThat(
            new OrdersFolder(folder)
                .yaml("partition-by: [order_date]", "state-lifetime: 90 d\n  history: true")
                .problems())
        .containsExactly(
            "pipeline.yaml:13: silver.state-lifetime: found 90 d beside history: true,"
                + " expected one of the two: a history needs all events of its keys."
                + " Remove state-lifetime.");
  }

  private static String unplannable(String reason) {
    return "silver.sql: silver.query: found a query that Flink cannot plan ("
        + reason
        + "), expected one SELECT over bronze. Correct it; bronze has the columns "
        + FIELDS
        + ".";
  }
}
