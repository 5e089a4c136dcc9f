package io.medallion.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.table.types.logical.RowType;

/** Reads {@code gold}: one aggregation over silver per table. */
final class ReadGold {
  /** Names that mean a layer or a view. */
  static final List<String> RESERVED = List.of("bronze", "silver", "gold", "quarantine");

  /** Operators that keep no row per group up to date when rows of silver change or go. */
  private static final Pattern NOT_MAINTAINABLE =
      Pattern.compile(
          "Sort|SortLimit|TemporalSort|Limit|Rank|Deduplicate|Match|.*Over.*|.*Window.*");

  private final Section gold;
  private final PipelineFiles files;
  private final Optional<RowType> silver;
  private final List<Reference> references;
  private final Optional<SqlPlanner> planner;

  private ReadGold(
      Section gold,
      PipelineFiles files,
      Optional<TableDefinition> silver,
      List<Reference> references) {
    this.gold = gold;
    this.files = files;
    this.silver = silver.map(TableDefinition::columns);
    this.references = references;
    this.planner =
        silver.map(table -> SqlPlanner.overChanges("silver", table.columns(), table.key()));
    references.forEach(
        reference ->
            planner.ifPresent(
                views -> views.andChanges(reference.name(), reference.columns(), reference.key())));
  }

  /** The gold tables; without a silver table their queries are read and not planned. */
  static List<GoldDefinition> read(
      Section gold,
      PipelineFiles files,
      Optional<TableDefinition> silver,
      List<Reference> references) {
    return new ReadGold(gold, files, silver, references).read();
  }

  private List<GoldDefinition> read() {
    List<GoldDefinition> tables = new ArrayList<>();
    gold.sections("query, key and version", "daily: { query: gold/daily.sql, key: [day] }")
        .forEach((name, section) -> table(name, section).ifPresent(tables::add));
    return tables;
  }

  private Optional<GoldDefinition> table(String name, Section section) {
    section.onlyKeys(PipelineKeys.GOLD_TABLE);
    if (!PipelineFolder.NAME.matcher(name).matches() || RESERVED.contains(name)) {
      gold.problem(
          name,
          name,
          RESERVED.contains(name)
              ? "a name other than " + String.join(", ", RESERVED)
              : PipelineFolder.NAME_EXPECTED,
          "Rename the table: it becomes a folder and an SQL name.");
    }
    Optional<String> file =
        section.required(
            "query", "the file of an aggregation over silver", "query: gold/daily.sql");
    Optional<String> sql = file.flatMap(path -> Sql.read(section, files, path));
    List<String> key =
        section.requiredTexts("key", "the columns that identify a group", "key: [event_date]");
    int version = version(section);
    if (planner.isEmpty() || sql.isEmpty()) {
      return Optional.empty();
    }
    return columns(section, file.orElseThrow(), sql.get(), key)
        .map(
            columns ->
                new GoldDefinition(name, sql.get(), columns, key, version, mentioned(sql.get())));
  }

  private List<Reference> mentioned(String sql) {
    return references.stream().filter(table -> Sql.mentions(sql, table.name())).toList();
  }

  private static int version(Section section) {
    String text = section.text("version", "a whole number from 1", "version: 1").orElse("1");
    if (Pattern.matches("[1-9][0-9]{0,8}", text)) {
      return Integer.parseInt(text);
    }
    section.problem("version", text, "a whole number from 1", "Count up from 1.");
    return 1;
  }

  private Optional<RowType> columns(Section section, String file, String sql, List<String> key) {
    try {
      RowType columns = planner.orElseThrow().columns(sql);
      ColumnTypes.check(columns, file, section.path("query"), Set.of(), section.problems());
      for (String type : planner.orElseThrow().roundedSums(sql)) {
        problem(
            section,
            file,
            "SUM or AVG of " + type,
            "sums that do not depend on the order of rows: of DECIMAL or whole numbers",
            "CAST what is added up, e.g. SUM(CAST(x AS DECIMAL(18, 4))).");
      }
      if (checkKey(section, file, key, columns)) {
        if (isMaintainable(section, file, planner.orElseThrow().planUpsert(sql, key), key)) {
          checkNotTooLong(section, sql, key);
        }
      }
      return Optional.of(columns);
    } catch (UnplannableQueryException e) {
      problem(
          section,
          file,
          "a query that Flink cannot keep up to date (" + e.getMessage() + ")",
          "one SELECT ... GROUP BY over silver",
          "Correct it; " + String.join("; ", columnsOfTables()) + ".");
      return Optional.empty();
    }
  }

  private List<String> columnsOfTables() {
    List<String> tables = new ArrayList<>();
    tables.add("silver has the columns " + String.join(", ", silver.orElseThrow().getFieldNames()));
    references.forEach(
        table ->
            tables.add(table.name() + " " + String.join(", ", table.columns().getFieldNames())));
    return tables;
  }

  private static boolean checkKey(Section section, String file, List<String> key, RowType columns) {
    boolean usable = !key.isEmpty();
    for (String column : key) {
      int index = columns.getFieldIndex(column);
      if (index < 0) {
        usable = false;
        section.itemProblem(
            "key",
            column,
            column,
            "a column of " + file + ": " + String.join(", ", columns.getFieldNames()),
            NearestWord.of(column, columns.getFieldNames())
                .map(nearest -> "Did you mean " + nearest + "?")
                .orElse("Add the column to the SELECT, or name one of these."));
      } else if (ColumnTypes.NOT_IDENTIFYING.contains(columns.getTypeAt(index).getTypeRoot())) {
        usable = false;
        section.itemProblem(
            "key",
            column,
            column + " of type " + columns.getTypeAt(index).copy(true).asSummaryString(),
            "a text, number, date, timestamp or boolean",
            "CAST it in " + file + ", or use another column.");
      }
    }
    return usable;
  }

  private static boolean isMaintainable(
      Section section, String file, QueryPlan plan, List<String> key) {
    plan.notRepeatable()
        .forEach(
            function ->
                problem(
                    section,
                    file,
                    function,
                    "functions that give the same value when gold is computed again",
                    "Take the time from a column of silver."));
    plan.notOrderFree()
        .forEach(
            function ->
                problem(
                    section,
                    file,
                    function,
                    "aggregates that do not depend on the order in which rows arrive",
                    "Use MIN, MAX, SUM, COUNT, AVG or STDDEV."));
    List<String> unmaintainable =
        plan.operators().stream()
            .filter(operator -> NOT_MAINTAINABLE.matcher(operator).matches())
            .distinct()
            .toList();
    if (!unmaintainable.isEmpty()) {
      problem(
          section,
          file,
          String.join(", ", unmaintainable) + " in the query's plan",
          "an aggregation whose groups change one by one",
          "Remove ORDER BY, LIMIT and window functions; readers of gold can sort and rank.");
    } else if (!plan.operators().contains("GroupAggregate")) {
      problem(
          section,
          file,
          "a query that does not aggregate",
          "one SELECT ... GROUP BY over silver",
          "Group by " + String.join(", ", key) + "; readers can query silver itself for rows.");
    } else if (plan.keyIsNotTheGroup()) {
      section.problem(
          "key",
          String.join(", ", key),
          "the columns that " + file + " groups by",
          "Make key and GROUP BY the same columns, and select each as it is.");
    } else {
      return true;
    }
    return false;
  }

  /** A key column beyond the group's may change, and would leave its old row behind. */
  private void checkNotTooLong(Section section, String sql, List<String> key)
      throws UnplannableQueryException {
    for (String column : key) {
      List<String> rest = key.stream().filter(other -> !other.equals(column)).toList();
      if (!rest.isEmpty() && !planner.orElseThrow().planUpsert(sql, rest).keyIsNotTheGroup()) {
        section.itemProblem(
            "key",
            column,
            column,
            "only columns that are needed to tell groups apart: " + String.join(", ", rest),
            "Remove " + column + " from the key.");
        return;
      }
    }
  }

  private static void problem(
      Section section, String file, String value, String expected, String remedy) {
    section.problems().add(file, section.path("query"), value, expected, remedy);
  }
}
