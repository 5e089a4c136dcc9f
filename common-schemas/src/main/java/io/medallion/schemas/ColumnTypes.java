package io.medallion.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/** Which types may play which part in a table. */
final class ColumnTypes {
  static final Set<LogicalTypeRoot> TEXT = Set.of(LogicalTypeRoot.CHAR, LogicalTypeRoot.VARCHAR);
  static final Set<LogicalTypeRoot> WHOLE_NUMBERS =
      Set.of(
          LogicalTypeRoot.TINYINT,
          LogicalTypeRoot.SMALLINT,
          LogicalTypeRoot.INTEGER,
          LogicalTypeRoot.BIGINT);
  static final Set<LogicalTypeRoot> FLOATING =
      Set.of(LogicalTypeRoot.FLOAT, LogicalTypeRoot.DOUBLE);

  /** Types with an order that Flink, Hudi and Kafka's timestamps agree on. */
  static final Set<LogicalTypeRoot> ORDERING =
      Set.of(
          LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE,
          LogicalTypeRoot.BIGINT,
          LogicalTypeRoot.INTEGER,
          LogicalTypeRoot.DATE);

  /** Types whose values Hudi writes into a folder's name as they are, and reads back from it. */
  static final Set<LogicalTypeRoot> PARTITIONING =
      Set.of(
          LogicalTypeRoot.CHAR,
          LogicalTypeRoot.VARCHAR,
          LogicalTypeRoot.INTEGER,
          LogicalTypeRoot.BIGINT,
          LogicalTypeRoot.DATE);

  /** Types without one exact text for each value, and so no good as a record key. */
  static final Set<LogicalTypeRoot> NOT_IDENTIFYING =
      Set.of(
          LogicalTypeRoot.ROW,
          LogicalTypeRoot.ARRAY,
          LogicalTypeRoot.MAP,
          LogicalTypeRoot.BINARY,
          LogicalTypeRoot.VARBINARY,
          LogicalTypeRoot.FLOAT,
          LogicalTypeRoot.DOUBLE);

  private static final Set<LogicalTypeRoot> STORABLE =
      Set.of(
          LogicalTypeRoot.CHAR,
          LogicalTypeRoot.VARCHAR,
          LogicalTypeRoot.BOOLEAN,
          LogicalTypeRoot.BINARY,
          LogicalTypeRoot.VARBINARY,
          LogicalTypeRoot.DECIMAL,
          LogicalTypeRoot.TINYINT,
          LogicalTypeRoot.SMALLINT,
          LogicalTypeRoot.INTEGER,
          LogicalTypeRoot.BIGINT,
          LogicalTypeRoot.FLOAT,
          LogicalTypeRoot.DOUBLE,
          LogicalTypeRoot.DATE,
          LogicalTypeRoot.TIME_WITHOUT_TIME_ZONE,
          LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE,
          LogicalTypeRoot.ARRAY,
          LogicalTypeRoot.MAP,
          LogicalTypeRoot.ROW);

  private static final Pattern COLUMN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private ColumnTypes() {}

  /**
   * Records a problem for each column that a table cannot hold.
   *
   * @return the columns that it can hold, for what builds on the query to be checked as well
   */
  static RowType check(
      RowType columns, String file, String key, Set<String> reserved, Problems problems) {
    List<RowType.RowField> holdable = new ArrayList<>();
    for (RowType.RowField field : columns.getFields()) {
      String name = field.getName();
      Optional<String> unstorable = unstorable(field.getType());
      if (unstorable.isEmpty() && !reserved.contains(name)) {
        holdable.add(field);
      }
      if (name.startsWith("EXPR$")) {
        problems.add(
            file,
            key,
            "column " + (columns.getFieldIndex(name) + 1) + " without a name",
            "a name for every column",
            "Add AS and a name to the expression.");
      } else if (reserved.contains(name) || name.startsWith("_hoodie_")) {
        problems.add(
            file,
            key,
            "column " + name,
            "names that the table does not add itself",
            "Give the column another name.");
      } else if (!COLUMN_NAME.matcher(name).matches()) {
        problems.add(
            file,
            key,
            "column " + name,
            "names of letters, digits and underscores",
            "Add AS and such a name.");
      }
      unstorable.ifPresent(
          remedy ->
              problems.add(
                  file,
                  key,
                  "column " + name + " of type " + field.getType().copy(true).asSummaryString(),
                  "a type that a table can hold",
                  remedy));
    }
    return new RowType(false, holdable);
  }

  private static Optional<String> unstorable(LogicalType type) {
    if (type.is(LogicalTypeRoot.TIMESTAMP_WITH_LOCAL_TIME_ZONE)) {
      return Optional.of("CAST it AS TIMESTAMP(3): all timestamps are UTC, without a time zone.");
    }
    if (!STORABLE.contains(type.getTypeRoot())) {
      return Optional.of("CAST it to another type.");
    }
    if (type.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE)
        && LogicalTypeChecks.getPrecision(type) > 6) {
      return Optional.of("CAST it AS TIMESTAMP(6).");
    }
    return type.getChildren().stream().flatMap(child -> unstorable(child).stream()).findFirst();
  }
}
