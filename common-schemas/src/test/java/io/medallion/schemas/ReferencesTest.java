package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferencesTest {
  private static final String JOINED =
      """
      SELECT r.continent, SUM(s.price) AS revenue
      FROM silver AS s JOIN countries AS r ON s.country = r.code
      GROUP BY r.continent
      """;

  @TempDir private Path folder;

  @Test
  void aFileIsATableOfTexts() {
    // When
    PipelineDefinition pipeline = withFile("code,continent\nUS,America\nAQ,\n").load();

    // Then
    Reference countries = pipeline.references().get(0);
    assertThat(countries.name()).isEqualTo("countries");
    assertThat(countries.key()).containsExactly("code");
    assertThat(countries.columns().asSummaryString())
        .isEqualTo("ROW<`code` STRING NOT NULL, `continent` STRING> NOT NULL");
    assertThat(((Reference.OfFile) countries).rows())
        .containsExactly(List.of("US", "America"), Arrays.asList("AQ", null));
  }

  @Test
  void aGoldQueryKnowsWhatItJoins() {
    // When
    PipelineDefinition pipeline =
        withFile("code,continent\nUS,America\n")
            .yaml("gold:\n", "gold:\n  plain: { query: gold/plain.sql, key: [country] }\n")
            .file("gold/plain.sql", "SELECT country, COUNT(*) AS n FROM silver GROUP BY country")
            .load();

    // Then
    assertThat(pipeline.gold().get(0).references()).isEmpty();
    assertThat(pipeline.gold().get(1).references()).isEqualTo(pipeline.references());
    assertThat(pipeline.joined()).isEqualTo(pipeline.references());
    assertThat(pipeline.joinedTables()).isEmpty();
  }

  @Test
  void anotherPipelineIsItsSilverTableWhateverItsRulesAre() {
    // Given
    Path other = folder.resolve("customers");
    new OrdersFolder(other)
        .yaml("pipeline: orders", "pipeline: customers")
        .yaml("${BROKERS}", "${SET_NOWHERE}")
        .rule("{ condition: no sql }")
        .write();

    // When
    PipelineDefinition pipeline =
        new OrdersFolder(folder.resolve("orders"))
            .yaml("gold:\n", "references:\n  customers: { pipeline: ../customers }\ngold:\n")
            .file(
                "gold/sales.sql",
                """
                SELECT c.country, COUNT(*) AS n FROM silver AS s
                JOIN customers AS c ON s.order_id = c.order_id GROUP BY c.country
                """)
            .load();

    // Then
    assertThat(pipeline.joinedTables()).hasSize(1);
    assertThat(pipeline.joinedTables().get(0).qualifiedName()).isEqualTo("silver.customers");
    assertThat(pipeline.joinedTables().get(0).key()).containsExactly("order_id");
  }

  @Test
  void anotherPipelineThatCannotBeLoadedIsRefused() {
    assertThat(references("customers: { pipeline: customers }").problems())
        .singleElement()
        .asString()
        .startsWith(
            "pipeline.yaml:22: references.customers.pipeline: found customers, which cannot be used (")
        .endsWith(
            "expected the folder of a pipeline, absolute or from this one."
                + " Correct it; medallion validate --pipeline names all that is wrong with that one.");
  }

  @Test
  void aPipelineIsNoReferenceOfItself() {
    new OrdersFolder(folder.resolve("same")).write();
    assertThat(references("mine: { pipeline: same }").problems())
        .containsExactly(
            "pipeline.yaml:22: references.mine.pipeline: found same, which is pipeline orders itself,"
                + " expected another pipeline."
                + " Name silver in the query: it can be joined with itself.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "code,continent;US,America;US,Europe"
            + " | countries.csv with US in the rows 1 and 2,"
            + " expected a value of its own in each row for the key code."
            + " Correct the row, or name other columns as key.",
        "code,continent;,America"
            + " | countries.csv with no code in row 1,"
            + " expected a value of its own in each row for the key code."
            + " Correct the row, or name other columns as key.",
        "code,continent;US,America,North"
            + " | countries.csv with 3 values in row 1, expected 2, as many as the header has."
            + " Correct the row; leave a value empty that is not known.",
        "code,code;US,America"
            + " | countries.csv with the columns code, code,"
            + " expected a header line that names each column once."
            + " Name them in the first line.",
      })
  void aFileWhoseRowsCannotBeToldApartIsRefused(String csv, String problem) {
    assertThat(withFile(csv.replace(';', '\n')).problems())
        .contains("pipeline.yaml:22: references.countries.file: found " + problem);
  }

  @Test
  void aKeyMustBeAColumnOfTheFile() {
    assertThat(
            withFile("code,continent\nUS,America\n")
                .yaml("file: countries.csv", "file: countries.csv, key: continental")
                .problems())
        .contains(
            "pipeline.yaml:22: references.countries.key: found continental,"
                + " expected a column of countries.csv: code, continent. Did you mean continent?");
  }

  @Test
  void moreRowsThanAJobShouldCarryAreRefused() {
    StringBuilder csv = new StringBuilder("code,continent\n");
    for (int i = 0; i <= ReadReferences.MAX_ROWS; i++) {
      csv.append(i).append(",x\n");
    }
    assertThat(withFile(csv.toString()).problems())
        .contains(
            "pipeline.yaml:22: references.countries.file: found countries.csv with 100001 rows,"
                + " expected at most 100000."
                + " Send the rows through a pipeline of their own, and name that one.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ key: code } | neither file nor pipeline | Add one.",
        "{ file: a.csv, pipeline: b } | file and pipeline | Make a reference of each."
      })
  void aReferenceIsOneOfTwoKinds(String reference, String found, String remedy) {
    assertThat(references("countries: " + reference).problems())
        .contains(
            "pipeline.yaml:22: references.countries: found %s, expected one of file, pipeline. %s"
                .formatted(found, remedy));
  }

  @Test
  void aNameThatIsALayersIsRefused() {
    assertThat(references("silver: { file: countries.csv }").problems())
        .contains(
            "pipeline.yaml:22: references.silver: found silver,"
                + " expected a name other than bronze, silver, gold, quarantine."
                + " Rename it: queries join the table under this name.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\nSELECT  r.continent,\tSUM(s.price) AS revenue -- all of it\nFROM silver AS s"
            + " JOIN countries AS r ON s.country = r.code GROUP BY r.continent ;",
        "SELECT /* the * group */ r.continent, SUM(s.price) AS revenue FROM silver AS s"
            + " JOIN countries AS r ON s.country = r.code\n GROUP BY r.continent"
      })
  void commentsAndBlanksMakeNoOtherQuery(String sql) {
    OrdersFolder orders = withFile("code,continent\nUS,America\n");
    String before = orders.load().gold().get(0).fingerprint();
    assertThat(orders.file("gold/sales.sql", sql).load().gold().get(0).fingerprint())
        .isEqualTo(before);
  }

  @Test
  void anotherTextOrAnotherRowMakesAnotherQuery() {
    OrdersFolder orders =
        withFile("code,continent\nUS,America\n")
            .file("gold/sales.sql", JOINED.replace("r.code", "r.code AND r.code <> 'a  b--c'"));
    String before = orders.load().gold().get(0).fingerprint();

    String text =
        orders.edit("gold/sales.sql", "a  b--c", "a b--c").load().gold().get(0).fingerprint();
    String row =
        orders
            .file("countries.csv", "code,continent\nUS,Europe\n")
            .load()
            .gold()
            .get(0)
            .fingerprint();

    assertThat(text).isNotEqualTo(before);
    assertThat(row).isNotEqualTo(text);
  }

  @Test
  void aHintIsNoComment() {
    OrdersFolder orders = withFile("code,continent\nUS,America\n");
    String before = orders.load().gold().get(0).fingerprint();

    assertThat(
            orders
                .edit("gold/sales.sql", "SELECT r", "SELECT /*+ BROADCAST(r) */ r")
                .load()
                .gold()
                .get(0)
                .fingerprint())
        .isNotEqualTo(before);
  }

  @Test
  void aWordOfSqlMayNameAReferenceAndOneTableMayHaveTwoNames() {
    // Given
    new OrdersFolder(folder.resolve("customers"))
        .yaml("pipeline: orders", "pipeline: customers")
        .write();

    // When
    PipelineDefinition pipeline =
        references("user: { pipeline: customers }\n  friend: { pipeline: customers }")
            .file(
                "gold/sales.sql",
                """
                SELECT u.country, COUNT(*) AS n FROM silver AS s
                JOIN `user` AS u ON s.order_id = u.order_id
                JOIN friend AS f ON s.order_id = f.order_id GROUP BY u.country
                """)
            .load();

    // Then
    assertThat(pipeline.joined()).hasSize(2);
    assertThat(pipeline.joinedTables()).hasSize(1);
  }

  @Test
  void valuesThatRunTogetherInATextMakeOtherFiles() {
    assertThat(fingerprint("a,b\n\"x, y\",z\n")).isNotEqualTo(fingerprint("a,b\nx,\"y, z\"\n"));
    assertThat(fingerprint("a,b\nx,\n")).isNotEqualTo(fingerprint("a,b\nx,null\n"));
  }

  private String fingerprint(String csv) {
    return references("countries: { file: countries.csv }")
        .file("countries.csv", csv)
        .load()
        .references()
        .get(0)
        .fingerprint();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT a FROM stores | true",
        "SELECT a FROM `stores` AS s | true",
        "SELECT a FROM big_stores | false",
        "SELECT a FROM silver -- and stores | false",
        "SELECT 'stores' FROM silver | false",
        "SELECT `it's` FROM stores WHERE a = 'x' | true"
      })
  void aNameInATextOrACommentIsNoTable(String sql, boolean mentions) {
    assertThat(Sql.mentions(sql, "stores")).isEqualTo(mentions);
  }

  @Test
  void aRuleAsksTheKeyOfAReference() {
    // When
    PipelineDefinition pipeline =
        withFile("code,continent\nUS,America\n")
            .rule("{ reference: countries, column: country, otherwise: warn }")
            .load();

    // Then
    assertThat(pipeline.silver().referenceRules())
        .containsExactly(
            new ReferenceRule(
                "a rule",
                "country",
                pipeline.references().get(0),
                "code",
                Duration.ZERO,
                Expectation.Violation.WARN));
    assertThat(pipeline.silver().expectations()).isEmpty();
  }

  @Test
  void aRuleThatAsksAHistoryAsksForItsKeyAlone() {
    // Given
    new OrdersFolder(folder.resolve("customers"))
        .yaml("pipeline: orders", "pipeline: customers")
        .yaml("partition-by: [order_date]", "history: true")
        .write();

    // When
    ReferenceRule rule =
        references("customers: { pipeline: customers }")
            .rule("{ reference: customers, column: order_id, grace: 1 h }")
            .load()
            .silver()
            .referenceRules()
            .get(0);

    // Then
    assertThat(rule.keyColumn()).isEqualTo("order_id");
    assertThat(rule.grace()).isEqualTo(Duration.ofHours(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ reference: country, column: country }"
            + " | reference: found country, expected a name of references: countries."
            + " Did you mean countries?",
        "{ reference: countries, column: price }"
            + " | column: found price of type DECIMAL(10, 2),"
            + " expected the type of countries.code: STRING. CAST it in the SELECT.",
        "{ reference: countries, column: land }"
            + " | column: found land, expected a column of the SELECT: order_id, kind, country,"
            + " price, weight, item_count, photo, tags, event_time, order_date. Name one of these.",
        "{ reference: countries }"
            + " | column: found nothing, expected a column of the SELECT."
            + " Add for example column: store.",
        "{ reference: countries, column: country, grace: 1 h }"
            + " | grace: found 1 h for a file,"
            + " expected grace for a reference of a pipeline only: a file does not change."
            + " Remove it.",
        "{ column: country, in: [US], grace: 1 h }"
            + " | grace: found grace beside in, expected grace beside reference. Remove it."
      })
  void aRuleThatCannotAskIsRefused(String rule, String problem) {
    assertThat(withFile("code,continent\nUS,America\n").rule(rule).problems())
        .containsExactly("pipeline.yaml:20: silver.expectations.a rule." + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "grace: soon"
            + " | found soon, expected a duration above zero with a unit: s, min, h or d."
            + " Write for example grace: 10 min.",
        "grace: 1 h, otherwise: fail"
            + " | found 1 h beside otherwise: fail, expected grace beside otherwise: quarantine only."
            + " Remove it: such an event does not wait."
      })
  void aGracePeriodThatCannotBeIsRefused(String grace, String problem) {
    new OrdersFolder(folder.resolve("customers"))
        .yaml("pipeline: orders", "pipeline: customers")
        .write();
    assertThat(
            references("customers: { pipeline: customers }")
                .rule("{ reference: customers, column: order_id, " + grace + " }")
                .problems())
        .containsExactly("pipeline.yaml:20: silver.expectations.a rule.grace: " + problem);
  }

  private OrdersFolder withFile(String csv) {
    return references("countries: { file: countries.csv }")
        .file("countries.csv", csv)
        .file("gold/sales.sql", JOINED)
        .yaml("key: [country]", "key: [continent]");
  }

  private OrdersFolder references(String reference) {
    return new OrdersFolder(folder).yaml("gold:\n", "references:\n  " + reference + "\ngold:\n");
  }
}
