package io.medallion.schemas;

import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;

/** Reads {@code silver.expectations} and turns every kind of rule into an SQL condition. */
final class ReadExpectations {
  /**
   * Flink's planning time grows with the square of the values: 1,000 take about a second each time
   * a job or command starts, 5,000 take up to a minute.
   */
  static final int MAX_ACCEPTED_VALUES = 1_000;

  private static final String NOT_NULL = "not-null";
  private static final String COLUMN = "column";
  private static final String IN = "in";
  private static final String AT_LEAST = "at-least";
  private static final String AT_MOST = "at-most";
  private static final String PATTERN = "pattern";
  private static final String CONDITION = "condition";
  private static final String OTHERWISE = "otherwise";
  private static final String REFERENCE = "reference";
  private static final String GRACE = "grace";
  private static final String KINDS =
      "one of not-null, in, at-least and at-most, pattern, condition, reference";

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,38}(\\.[0-9]{1,38})?");

  private final Section expectations;
  private final PipelineFiles files;
  private final Optional<RowType> silver;
  private final List<Reference> references;
  private final Optional<SqlPlanner> planner;

  /** The rules of a pipeline. */
  record Rules(List<Expectation> expectations, List<ReferenceRule> ofReferences) {
    static final Rules NONE = new Rules(List.of(), List.of());
  }

  /** Without the columns of silver, rules are read and not planned. */
  ReadExpectations(
      Section expectations,
      PipelineFiles files,
      Optional<RowType> silver,
      List<Reference> references) {
    this.expectations = expectations;
    this.files = files;
    this.silver = silver;
    this.references = references;
    this.planner = silver.map(ReadExpectations::overEvents);
  }

  private static SqlPlanner overEvents(RowType silver) {
    List<RowType.RowField> seen = new ArrayList<>(silver.getFields());
    seen.add(new RowType.RowField(Tables.NOW, new TimestampType(3)));
    return SqlPlanner.overAppends("silver", new RowType(false, seen));
  }

  Rules read() {
    List<Expectation> conditions = new ArrayList<>();
    List<ReferenceRule> ofReferences = new ArrayList<>();
    expectations
        .sections("a rule", "{ not-null: transaction_id, otherwise: quarantine }")
        .forEach(
            (name, rule) -> {
              if (kinds(rule).equals(Set.of(REFERENCE))) {
                ofReference(name, rule).ifPresent(ofReferences::add);
              } else {
                rule(name, rule).ifPresent(conditions::add);
              }
            });
    return new Rules(conditions, ofReferences);
  }

  private Optional<ReferenceRule> ofReference(String name, Section rule) {
    rule.onlyKeys(PipelineKeys.RULE);
    Expectation.Violation otherwise = otherwise(rule);
    Optional<String> column = rule.required(COLUMN, "a column of the SELECT", "column: store");
    Optional<LogicalType> type = column.flatMap(found -> type(rule, COLUMN, found));
    Optional<Reference> reference =
        rule.required(REFERENCE, "a name of references", "reference: stores")
            .flatMap(found -> reference(rule, found));
    Duration grace = reference.map(table -> grace(rule, table, otherwise)).orElse(Duration.ZERO);
    if (type.isEmpty() || reference.isEmpty()) {
      return Optional.empty();
    }
    return keyColumn(rule, reference.get(), column.orElseThrow(), type.get())
        .map(
            key ->
                new ReferenceRule(
                    name, column.orElseThrow(), reference.get(), key, grace, otherwise));
  }

  private Optional<Reference> reference(Section rule, String name) {
    Optional<Reference> reference =
        references.stream().filter(table -> table.name().equals(name)).findFirst();
    if (reference.isEmpty()) {
      List<String> names = references.stream().map(Reference::name).toList();
      rule.problem(
          REFERENCE,
          name,
          names.isEmpty()
              ? "a name of references, of which there are none"
              : "a name of references: " + String.join(", ", names),
          NearestWord.of(name, names)
              .map(nearest -> "Did you mean " + nearest + "?")
              .orElse("Add it to references."));
    }
    return reference;
  }

  private static Duration grace(
      Section rule, Reference reference, Expectation.Violation otherwise) {
    String expected = "a duration above zero with a unit: s, min, h or d";
    Optional<String> text = rule.text(GRACE, expected, "grace: 10 min");
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    if (reference instanceof Reference.OfFile) {
      rule.problem(
          GRACE,
          text.get() + " for a file",
          "grace for a reference of a pipeline only: a file does not change",
          "Remove it.");
    } else if (otherwise != Expectation.Violation.QUARANTINE) {
      rule.problem(
          GRACE,
          text.get() + " beside otherwise: " + otherwise.name().toLowerCase(Locale.ROOT),
          "grace beside otherwise: quarantine only",
          "Remove it: such an event does not wait.");
    }
    return rule.duration(GRACE, Duration.ofMillis(1), expected, "grace: 10 min")
        .orElse(Duration.ZERO);
  }

  /** The column whose values are asked for, or empty when they cannot be compared. */
  private static Optional<String> keyColumn(
      Section rule, Reference reference, String column, LogicalType type) {
    List<String> key = new ArrayList<>(reference.key());
    key.remove(Tables.VALID_FROM);
    if (key.size() != 1) {
      rule.problem(
          REFERENCE,
          reference.name() + " with the key " + String.join(", ", key),
          "a reference with one column as its key",
          "Name another one.");
      return Optional.empty();
    }
    LogicalType keyType =
        reference.columns().getTypeAt(reference.columns().getFieldIndex(key.get(0)));
    if (!keyType.copy(true).equals(type.copy(true))) {
      rule.problem(
          COLUMN,
          column + " of type " + type.copy(true).asSummaryString(),
          "the type of "
              + reference.name()
              + "."
              + key.get(0)
              + ": "
              + keyType.copy(true).asSummaryString(),
          "CAST it in the SELECT.");
      return Optional.empty();
    }
    return Optional.of(key.get(0));
  }

  private Optional<Expectation> rule(String name, Section rule) {
    rule.onlyKeys(PipelineKeys.RULE);
    Expectation.Violation otherwise = otherwise(rule);
    Set<String> kinds = kinds(rule);
    if (kinds.size() != 1) {
      expectations.problem(
          name,
          kinds.isEmpty() ? "no kind of rule" : String.join(" and ", kinds),
          KINDS,
          kinds.isEmpty() ? "Add one." : "Make a rule of each.");
      return Optional.empty();
    }
    String kind = kinds.iterator().next();
    if (rule.has(GRACE)) {
      rule.problem(GRACE, "grace beside " + kind, "grace beside reference", "Remove it.");
    }
    if (rule.has(COLUMN) && (kind.equals(NOT_NULL) || kind.equals(CONDITION))) {
      rule.problem(COLUMN, "a column beside " + kind, kind + " alone", "Remove column.");
    }
    List<String> notNull =
        kind.equals(NOT_NULL)
            ? rule.requiredTexts(NOT_NULL, "one column or a list", "not-null: transaction_id")
            : List.of();
    Optional<String> condition =
        switch (kind) {
          case NOT_NULL -> notNull(rule, notNull);
          case CONDITION ->
              rule.required(CONDITION, "an SQL condition", "condition: ABS(amount) < 1000000");
          default -> ofColumn(rule, kind);
        };
    return condition
        .filter(sql -> plans(rule, kind, sql))
        .map(sql -> new Expectation(name, sql, notNull, otherwise));
  }

  private static Set<String> kinds(Section rule) {
    Set<String> kinds = new LinkedHashSet<>();
    for (String kind : List.of(NOT_NULL, IN, AT_LEAST, AT_MOST, PATTERN, CONDITION, REFERENCE)) {
      if (rule.has(kind) && !(kind.equals(AT_MOST) && kinds.contains(AT_LEAST))) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  private static Expectation.Violation otherwise(Section rule) {
    String expected = "warn, quarantine or fail";
    Optional<String> text = rule.text(OTHERWISE, expected, "otherwise: quarantine");
    for (Expectation.Violation violation : Expectation.Violation.values()) {
      if (text.filter(violation.name().toLowerCase(Locale.ROOT)::equals).isPresent()) {
        return violation;
      }
    }
    text.ifPresent(
        found ->
            rule.problem(
                OTHERWISE, found, expected, "Write one of these; without it, it is quarantine."));
    return Expectation.Violation.QUARANTINE;
  }

  private Optional<String> notNull(Section rule, List<String> columns) {
    if (columns.isEmpty()
        || columns.stream().anyMatch(column -> type(rule, NOT_NULL, column).isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        columns.stream()
            .map(column -> Sql.identifier(column) + " IS NOT NULL")
            .collect(Collectors.joining(" AND ")));
  }

  private Optional<String> ofColumn(Section rule, String kind) {
    Optional<String> column = rule.required(COLUMN, "a column of the SELECT", "column: region");
    Optional<LogicalType> type = column.flatMap(name -> type(rule, COLUMN, name));
    if (type.isEmpty()) {
      return Optional.empty();
    }
    String name = column.orElseThrow();
    return switch (kind) {
      case IN -> accepted(rule, name, type.get());
      case PATTERN -> matching(rule, name, type.get());
      default -> between(rule, name, type.get());
    };
  }

  private Optional<LogicalType> type(Section rule, String key, String column) {
    if (silver.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = silver.get().getFieldNames();
    if (names.contains(column)) {
      return Optional.of(silver.get().getTypeAt(names.indexOf(column)));
    }
    rule.itemProblem(
        key,
        column,
        column,
        "a column of the SELECT: " + String.join(", ", names),
        NearestWord.of(column, names)
            .map(nearest -> "Did you mean " + nearest + "?")
            .orElse("Name one of these."));
    return Optional.empty();
  }

  private Optional<String> between(Section rule, String column, LogicalType type) {
    Optional<String> expected = Bound.expected(type);
    if (expected.isEmpty()) {
      rule.problem(
          COLUMN,
          column + " of type " + type.copy(true).asSummaryString(),
          "a number, date or timestamp",
          "Write the rule as a condition.");
      return Optional.empty();
    }
    List<String> conditions = new ArrayList<>();
    for (String side : List.of(AT_LEAST, AT_MOST)) {
      Optional<String> text = rule.text(side, expected.get(), side + ": now");
      Optional<String> bound = text.flatMap(found -> Bound.sql(found, type));
      if (text.isPresent() && bound.isEmpty()) {
        rule.problem(side, text.get(), expected.get(), "Write such a bound, or a condition.");
      }
      bound.ifPresent(
          sql ->
              conditions.add(
                  Sql.identifier(column) + (side.equals(AT_LEAST) ? " >= " : " <= ") + sql));
    }
    return conditions.isEmpty() ? Optional.empty() : Optional.of(String.join(" AND ", conditions));
  }

  private static Optional<String> matching(Section rule, String column, LogicalType type) {
    if (!ColumnTypes.TEXT.contains(type.getTypeRoot())) {
      rule.problem(
          COLUMN,
          column + " of type " + type.copy(true).asSummaryString(),
          "a text column",
          "Write the rule as a condition with a CAST.");
      return Optional.empty();
    }
    Optional<String> regex = rule.text(PATTERN, "a regular expression", "pattern: ^[A-Z]{2}$");
    try {
      regex.ifPresent(Pattern::compile);
    } catch (PatternSyntaxException e) {
      rule.problem(
          PATTERN,
          regex.orElseThrow() + " (" + e.getDescription() + " at " + e.getIndex() + ")",
          "a regular expression of Java",
          "Correct it; quote it in YAML if it holds : or #.");
      return Optional.empty();
    }
    return regex.map(text -> "REGEXP(" + Sql.identifier(column) + ", " + Sql.text(text) + ")");
  }

  private Optional<String> accepted(Section rule, String column, LogicalType type) {
    boolean number = type.is(LogicalTypeRoot.DECIMAL) || isWhole(type);
    if (!number
        && !ColumnTypes.TEXT.contains(type.getTypeRoot())
        && !type.is(LogicalTypeRoot.DATE)) {
      rule.problem(
          COLUMN,
          column + " of type " + type.copy(true).asSummaryString(),
          "a text, whole number, decimal or date column",
          "Write the rule as a condition.");
      return Optional.empty();
    }
    Collection<String> values =
        rule.isList(IN)
            ? rule.requiredTexts(IN, "a list of values, or a CSV file", "in: [US, EU]")
            : rule.text(IN, "a list of values, or a CSV file", "in: [US, EU]")
                .map(file -> reference(rule, file, column))
                .orElse(Set.of());
    if (values.size() > MAX_ACCEPTED_VALUES) {
      rule.problem(
          IN,
          values.size() + " values",
          "at most " + MAX_ACCEPTED_VALUES,
          "Write a pattern or a condition instead.");
      return Optional.empty();
    }
    Optional<String> odd = values.stream().filter(value -> !fits(value, type)).findFirst();
    odd.ifPresent(
        value ->
            rule.itemProblem(
                IN,
                value,
                value,
                "values of " + column + "'s type " + type.copy(true).asSummaryString(),
                number ? "Write numbers." : "Write dates such as 2020-01-31."));
    if (values.isEmpty() || odd.isPresent()) {
      return Optional.empty();
    }
    String operand =
        number ? Sql.identifier(column) : "CAST(" + Sql.identifier(column) + " AS STRING)";
    return Optional.of(
        values.stream()
            .map(value -> number ? value : Sql.text(value))
            .collect(Collectors.joining(", ", operand + " IN (", ")")));
  }

  private static boolean isWhole(LogicalType type) {
    return ColumnTypes.WHOLE_NUMBERS.contains(type.getTypeRoot());
  }

  private static boolean fits(String value, LogicalType type) {
    if (ColumnTypes.TEXT.contains(type.getTypeRoot())) {
      return true;
    }
    if (!type.is(LogicalTypeRoot.DATE)) {
      return NUMBER.matcher(value).matches();
    }
    try {
      return LocalDate.parse(value).toString().equals(value);
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /** The values of the CSV column with the rule's name, or of the first column. */
  private Set<String> reference(Section rule, String file, String column) {
    Set<String> values = new LinkedHashSet<>();
    Csv.read(rule, IN, files, file)
        .ifPresent(
            csv -> {
              int index = Math.max(0, csv.header().indexOf(column));
              csv.rows().stream()
                  .filter(row -> index < row.size() && !row.get(index).isEmpty())
                  .forEach(row -> values.add(row.get(index)));
              if (values.isEmpty()) {
                rule.problem(
                    IN,
                    file + ", which holds no values",
                    "a header line and one line per value",
                    "Add the values.");
              }
            });
    return values;
  }

  /** Plans the condition, so that a mistake is found now and not by the job. */
  private boolean plans(Section rule, String kind, String condition) {
    if (planner.isEmpty()) {
      return false;
    }
    String value = kind.equals(CONDITION) ? condition : "the condition made of it";
    try {
      QueryPlan plan = planner.get().plan("SELECT (" + condition + ") FROM silver");
      if (plan.columns().getFieldCount() != 1
          || !plan.columns().getTypeAt(0).is(LogicalTypeRoot.BOOLEAN)) {
        rule.problem(
            kind,
            value + ", which is not true or false",
            "one SQL condition",
            "Write a comparison, for example amount > 0.");
        return false;
      }
      if (!plan.beyondProjection().isEmpty()) {
        rule.problem(
            kind,
            value + ", which needs " + String.join(", ", plan.beyondProjection()),
            "a condition on the columns of one row",
            "Compare columns of the row only; for known values use column and in.");
        return false;
      }
      if (!plan.notRepeatable().isEmpty()) {
        rule.problem(
            kind,
            value + ", which calls " + String.join(", ", plan.notRepeatable()),
            "a condition that judges a replayed event as the first time",
            "Use _now, the Kafka timestamp of the event.");
        return false;
      }
      return true;
    } catch (UnplannableQueryException e) {
      rule.problem(
          kind,
          value + " (" + e.withoutPosition() + ")",
          "an SQL condition over "
              + String.join(", ", silver.orElseThrow().getFieldNames())
              + " and "
              + Tables.NOW,
          "Correct the condition.");
      return false;
    }
  }
}
