package io.medallion.schemas;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.table.types.logical.RowType;

/**
 * What Flink makes of a query, read from its explanation with all string literals taken out.
 *
 * @param columns the row type of the result
 * @param relations the relational operators that the query was written with
 * @param operators the operators that would run it, the sink first
 * @param physical the text of the physical plan
 */
record QueryPlan(RowType columns, List<String> relations, List<String> operators, String physical) {
  private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*'");
  private static final Pattern NODE = Pattern.compile("(?m)^[ :+-]*([A-Z][A-Za-z]+)(?=\\(|$)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Functions whose value depends on when or where they are called. */
  private static final Pattern NOT_REPEATABLE =
      Pattern.compile(
          "\\b(NOW|UUID|UNIX_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME"
              + "|LOCALTIMESTAMP|CURRENT_ROW_TIMESTAMP|PROCTIME)\\(\\)"
              + "|\\b(RAND|RAND_INTEGER|CURRENT_WATERMARK)\\(");

  /** Aggregates whose value depends on the order in which rows arrive. */
  private static final Pattern NOT_ORDER_FREE =
      Pattern.compile("\\b(LISTAGG|FIRST_VALUE|LAST_VALUE|ARRAY_AGG|COLLECT)(?:_\\w+)?\\(");

  private static final String SYNTAX_TREE = "== Abstract Syntax Tree ==";
  private static final String PHYSICAL_PLAN = "== Optimized Physical Plan ==";
  private static final String EXECUTION_PLAN = "== Optimized Execution Plan ==";

  static QueryPlan of(RowType columns, String explanation) {
    String physical =
        LITERAL.matcher(between(explanation, PHYSICAL_PLAN, EXECUTION_PLAN)).replaceAll("''");
    return new QueryPlan(
        columns,
        nodes(LITERAL.matcher(between(explanation, SYNTAX_TREE, PHYSICAL_PLAN)).replaceAll("''")),
        nodes(physical),
        physical);
  }

  /** What the query does beyond computing one row from one row; empty when it does nothing else. */
  Set<String> beyondProjection() {
    Set<String> beyond = new TreeSet<>();
    for (String relation : relations) {
      switch (relation) {
        case "LogicalProject", "LogicalTableScan" -> {}
        case "LogicalFilter" -> beyond.add("WHERE");
        case "LogicalAggregate" -> beyond.add("GROUP BY, DISTINCT or an aggregate");
        case "LogicalJoin" -> beyond.add("JOIN");
        case "LogicalCorrelate", "Uncollect", "LogicalTableFunctionScan" ->
            beyond.add("a table function");
        case "LogicalSort" -> beyond.add("ORDER BY or LIMIT");
        case "LogicalUnion", "LogicalIntersect", "LogicalMinus" ->
            beyond.add("UNION, INTERSECT or EXCEPT");
        case "LogicalValues" -> {}
        default -> beyond.add(relation);
      }
    }
    if (!beyond.isEmpty()) {
      return beyond;
    }
    long scans = relations.stream().filter("LogicalTableScan"::equals).count();
    if (scans != 1) {
      return Set.of(scans == 0 ? "rows of its own" : "a subquery");
    }
    operators.stream()
        .filter(operator -> !Set.of("Calc", "TableSourceScan", "Exchange").contains(operator))
        .map(operator -> operator.equals("OverAggregate") ? "OVER" : operator)
        .forEach(beyond::add);
    return beyond;
  }

  /** Functions in the query that give another value when it is computed again. */
  Set<String> notRepeatable() {
    return found(NOT_REPEATABLE);
  }

  /** Aggregates in the query that depend on the order of arrival. */
  Set<String> notOrderFree() {
    return found(NOT_ORDER_FREE);
  }

  /** Every name that the physical plan's projections mention. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    physical
        .lines()
        .filter(line -> line.strip().startsWith("Calc("))
        .flatMap(line -> NAME.matcher(line).results())
        .forEach(name -> names.add(name.group()));
    return names;
  }

  /** Whether the sink must sort out which row of a key is the last: the key is not the group's. */
  boolean keyIsNotTheGroup() {
    return physical.contains("upsertMaterialize=[true]");
  }

  private Set<String> found(Pattern pattern) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(physical);
    while (matcher.find()) {
      found.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return found;
  }

  private static List<String> nodes(String plan) {
    return NODE.matcher(plan).results().map(node -> node.group(1)).toList();
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from) + from.length();
    return text.substring(start, text.indexOf(to, start)).strip();
  }
}
