package io.medallion.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads {@code silver}: the SELECT, the key, the order, the changes, the expectations, the gates.
 */
final class ReadSilver {
  /** The columns that {@link Tables} adds to every silver table, and the one that rules see. */
  static final Set<String> RESERVED =
      Set.of(
          Tables.RESCUED_DATA,
          Tables.CREATED_AT,
          Tables.LAST_MODIFIED,
          Tables.KAFKA_TOPIC,
          Tables.KAFKA_PARTITION,
          Tables.KAFKA_OFFSET,
          Tables.NOW);

  /** Those that it adds to a history besides. */
  static final Set<String> RESERVED_IN_HISTORY =
      Set.of(Tables.VALID_FROM, Tables.VALID_TO, Tables.IS_CURRENT);

  private final Section silver;
  private final PipelineFiles files;
  private final Optional<Contract> contract;
  private final List<Reference> references;
  private final Optional<SqlPlanner> bronze;

  private ReadSilver(
      Section silver,
      PipelineFiles files,
      Optional<Contract> contract,
      List<Reference> references) {
    this.silver = silver;
    this.files = files;
    this.contract = contract;
    this.references = references;
    this.bronze = contract.map(shape -> SqlPlanner.overAppends("bronze", shape.rowType()));
  }

  /**
   * Silver, or empty when its query cannot be used; then a problem says why. Without a contract the
   * query is read and not planned.
   */
  static Optional<SilverDefinition> read(
      Section silver,
      PipelineFiles files,
      Optional<Contract> contract,
      List<Reference> references) {
    return new ReadSilver(silver, files, contract, references).read();
  }

  private Optional<SilverDefinition> read() {
    silver.onlyKeys(PipelineKeys.SILVER);
    String file =
        silver
            .required("query", "the file of a SELECT over bronze", "query: silver.sql")
            .orElse("");
    Optional<String> sql = file.isEmpty() ? Optional.empty() : Sql.read(silver, files, file);
    List<String> key =
        silver.requiredTexts("key", "the columns that identify a row", "key: [transaction_id]");
    List<String> partitionBy =
        silver.texts("partition-by", "columns of the SELECT", "partition-by: [event_date]");
    String orderBy =
        silver
            .required(
                "order-by", "the column that says which event is newer", "order-by: event_time")
            .orElse("");
    boolean history = history();
    Duration stateLifetime = stateLifetime(history);
    Optional<QueryPlan> plan =
        bronze.flatMap(planner -> sql.flatMap(query -> plan(planner, file, query)));
    plan.map(QueryPlan::columns)
        .ifPresent(
            columns -> {
              key.forEach(column -> checkIdentifying(column, file, columns));
              partitionBy.forEach(
                  column ->
                      checkPartitioning(
                          column, partitionBy.size(), key.size(), history, file, columns));
              if (!orderBy.isEmpty()) {
                checkOrdering(orderBy, file, columns);
              }
            });
    Set<String> identity =
        plan.filter(found -> found.beyondProjection().isEmpty())
            .filter(found -> found.columns().getFieldNames().containsAll(key))
            .filter(found -> !key.isEmpty())
            .map(found -> fieldsBehind(key, file, sql.orElseThrow()))
            .orElse(Set.of());
    Optional<RowType> columns =
        plan.map(found -> check(found, history, file))
            .map(found -> nullableBut(Stream.concat(key.stream(), Stream.of(orderBy)), found));
    Changes changes =
        silver
            .section("changes", "operation, correction, reversal", "changes: { operation: kind }")
            .map(section -> new ReadChanges(section, contract, identity).read())
            .orElse(Changes.NONE);
    ReadExpectations.Rules rules =
        silver
            .section(
                "expectations", "rules by name", "expectations: { has an id: { not-null: id } }")
            .map(section -> new ReadExpectations(section, files, columns, references).read())
            .orElse(ReadExpectations.Rules.NONE);
    List<Gate> gates =
        silver
            .section("gates", "gates", "gates: { quarantined-share: { at-most: 20% } }")
            .map(section -> new ReadGates(section, columns).read())
            .orElse(List.of());
    return columns.map(
        row ->
            new SilverDefinition(
                sql.orElseThrow(),
                row,
                key,
                partitionBy,
                orderBy,
                history,
                stateLifetime,
                changes,
                rules.expectations(),
                rules.ofReferences(),
                gates));
  }

  private boolean history() {
    String expected = "true or false";
    String example = "history: true";
    Optional<String> text = silver.text("history", expected, example);
    text.filter(found -> !found.equals("true") && !found.equals("false"))
        .ifPresent(
            found ->
                silver.problem("history", found, expected, "Write for example " + example + "."));
    return text.filter("true"::equals).isPresent();
  }

  private Duration stateLifetime(boolean history) {
    String key = "state-lifetime";
    String expected = "a duration above zero with a unit: s, min, h or d";
    String example = key + ": 90 d";
    Optional<Duration> lifetime = silver.duration(key, Duration.ofMillis(1), expected, example);
    if (lifetime.isPresent() && history) {
      silver.problem(
          key,
          silver.text(key, expected, example).orElseThrow() + " beside history: true",
          "one of the two: a history needs all events of its keys",
          "Remove " + key + ".");
    }
    return lifetime.orElse(Duration.ZERO);
  }

  private Optional<QueryPlan> plan(SqlPlanner planner, String file, String sql) {
    try {
      return Optional.of(planner.plan(sql));
    } catch (UnplannableQueryException e) {
      problem(
          file,
          "a query that Flink cannot plan (" + e.getMessage() + ")",
          "one SELECT over bronze",
          "Correct it; bronze has the columns "
              + String.join(", ", contract.orElseThrow().rowType().getFieldNames())
              + ".");
      return Optional.empty();
    }
  }

  /** Records what silver cannot do with a plan; returns the columns that it can hold. */
  private RowType check(QueryPlan plan, boolean history, String file) {
    plan.beyondProjection()
        .forEach(
            beyond ->
                problem(
                    file,
                    beyond,
                    "a SELECT that makes one row of each row of bronze",
                    beyond.equals("WHERE")
                        ? "Write an expectation, or filter in gold."
                        : "Move it to a gold query."));
    plan.notRepeatable()
        .forEach(
            function ->
                problem(
                    file,
                    function,
                    "functions that give the same value whenever an event is read again",
                    "Take the time from a field of the event."));
    Set<String> reserved = new HashSet<>(RESERVED);
    if (history) {
      reserved.addAll(RESERVED_IN_HISTORY);
    }
    return ColumnTypes.check(
        plan.columns(), file, silver.path("query"), reserved, silver.problems());
  }

  /** A column that cannot be computed for a record is null, whatever its type says. */
  private static RowType nullableBut(Stream<String> required, RowType columns) {
    Set<String> present = required.collect(Collectors.toSet());
    return new RowType(
        false,
        columns.getFields().stream()
            .map(
                field ->
                    present.contains(field.getName())
                        ? field
                        : new RowType.RowField(field.getName(), field.getType().copy(true)))
            .toList());
  }

  private void checkIdentifying(String column, String file, RowType row) {
    type("key", column, file, row)
        .filter(type -> ColumnTypes.NOT_IDENTIFYING.contains(type.getTypeRoot()))
        .ifPresent(
            type ->
                silver.itemProblem(
                    "key",
                    column,
                    column + " of type " + type.copy(true).asSummaryString(),
                    "a text, number, date, timestamp or boolean",
                    "CAST it in " + file + ", or use another column."));
  }

  /**
   * A partition's folder must name the value. Hudi writes a date as its day only where it is the
   * one partition column of a table with one key column, and as a number of days anywhere else.
   */
  private void checkPartitioning(
      String column,
      int partitionColumns,
      int keyColumns,
      boolean history,
      String file,
      RowType row) {
    type("partition-by", column, file, row)
        .ifPresent(
            type -> {
              String found = column + " of type " + type.copy(true).asSummaryString();
              if (!ColumnTypes.PARTITIONING.contains(type.getTypeRoot())) {
                silver.itemProblem(
                    "partition-by",
                    column,
                    found,
                    "STRING, INT, BIGINT or DATE",
                    type.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE)
                        ? "CAST it AS DATE in " + file + "."
                        : "CAST it in " + file + ", or use another column.");
              } else if (type.is(LogicalTypeRoot.DATE)
                  && (partitionColumns > 1 || keyColumns > 1 || history)) {
                silver.itemProblem(
                    "partition-by",
                    column,
                    found
                        + (partitionColumns > 1
                            ? ", one of " + partitionColumns + " partition columns"
                            : history
                                ? ", with " + Tables.VALID_FROM + " in the key"
                                : ", with " + keyColumns + " key columns"),
                    "a DATE only as the one partition column of a table with one key column",
                    "CAST it AS STRING in " + file + ".");
              }
            });
  }

  private void checkOrdering(String column, String file, RowType row) {
    type("order-by", column, file, row)
        .filter(type -> !ColumnTypes.ORDERING.contains(type.getTypeRoot()))
        .ifPresent(
            type ->
                silver.problem(
                    "order-by",
                    column + " of type " + type.copy(true).asSummaryString(),
                    "TIMESTAMP, BIGINT, INT or DATE",
                    "CAST it in " + file + ", or use another column."));
  }

  private Optional<LogicalType> type(String use, String column, String file, RowType row) {
    int index = row.getFieldIndex(column);
    if (index >= 0) {
      return Optional.of(row.getTypeAt(index));
    }
    silver.itemProblem(
        use,
        column,
        column,
        "a column of " + file + ": " + String.join(", ", row.getFieldNames()),
        NearestWord.of(column, row.getFieldNames())
            .map(nearest -> "Did you mean " + nearest + "?")
            .orElse("Add the column to the SELECT, or name one of these."));
    return Optional.empty();
  }

  /** The contract fields that the key columns are computed from. */
  private Set<String> fieldsBehind(List<String> key, String file, String sql) {
    List<String> selected = new ArrayList<>();
    for (String column : key) {
      selected.add(Sql.identifier(column) + " AS `_key" + selected.size() + "`");
    }
    try {
      Set<String> fields =
          new TreeSet<>(
              bronze
                  .orElseThrow()
                  .plan("SELECT " + String.join(", ", selected) + " FROM (\n" + sql + "\n)")
                  .names());
      fields.retainAll(contract.orElseThrow().rowType().getFieldNames());
      return fields;
    } catch (UnplannableQueryException e) {
      problem(
          file,
          "a query that cannot stand in brackets (" + e.withoutPosition() + ")",
          "one SELECT and nothing after it",
          "Remove what follows the SELECT.");
      return Set.of();
    }
  }

  private void problem(String file, String value, String expected, String remedy) {
    silver.problems().add(file, silver.path("query"), value, expected, remedy);
  }
}
