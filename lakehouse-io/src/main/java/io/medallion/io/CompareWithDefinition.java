package io.medallion.io;

import io.medallion.schemas.Problem;
import io.medallion.schemas.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.types.logical.RowType;
import org.apache.hudi.common.table.HoodieTableConfig;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.TableSchemaResolver;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.exception.TableNotFoundException;
import org.apache.hudi.org.apache.avro.Schema;
import org.apache.hudi.util.AvroSchemaConverter;

/**
 * Compares a table on disk with its definition. Hudi itself goes on with whatever it is given: rows
 * of other columns beside the old ones, keys that find no old row.
 */
final class CompareWithDefinition {
  private CompareWithDefinition() {}

  /** What of the definition is not as the table was made; empty if all is, or there is none. */
  static List<Problem> problems(HudiTable table) {
    HoodieTableMetaClient metaClient;
    try {
      metaClient =
          HoodieTableMetaClient.builder()
              .setConf(HudiTable.hadoop())
              .setBasePath(table.path())
              .build();
    } catch (TableNotFoundException missing) {
      return List.of();
    }
    HoodieTableConfig made = metaClient.getTableConfig();
    TableDefinition definition = table.definition();
    List<Problem> problems = new ArrayList<>();
    compareColumns(
        definition,
        columns(HudiTable.avroSchema(table.reading())),
        columns(stored(metaClient)),
        problems);
    compare(definition, "key", definition.key(), names(made.getRecordKeyFields()), problems);
    compare(
        definition,
        "partition columns",
        definition.partitionBy(),
        names(made.getPartitionFields()),
        problems);
    return problems;
  }

  /** Names those that differ; all where the order alone does. */
  private static void compareColumns(
      TableDefinition table, List<String> defined, List<String> made, List<Problem> problems) {
    List<String> only = without(defined, made);
    List<String> gone = without(made, defined);
    boolean sameNames = only.isEmpty() && gone.isEmpty();
    compare(table, "columns", sameNames ? defined : only, sameNames ? made : gone, problems);
  }

  private static void compare(
      TableDefinition table,
      String what,
      List<String> defined,
      List<String> made,
      List<Problem> problems) {
    if (!defined.equals(made)) {
      problems.add(
          new Problem(
              "table " + table.qualifiedName(),
              what,
              text(defined),
              text(made) + ", as the table was made",
              "Jobs and readers know the table as it is: go back to that definition, or give the new one a table of its own."));
    }
  }

  private static List<String> without(List<String> these, List<String> those) {
    return these.stream().filter(name -> !those.contains(name)).toList();
  }

  private static String text(List<String> names) {
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }

  private static List<String> names(Option<String[]> fields) {
    return List.of(fields.orElse(new String[0]));
  }

  private static Schema stored(HoodieTableMetaClient metaClient) {
    try {
      return new TableSchemaResolver(metaClient).getTableAvroSchema(false);
    } catch (Exception failure) {
      throw new IllegalStateException(
          "Could not read the schema of " + metaClient.getBasePathV2(), failure);
    }
  }

  /** Through Avro on both sides, which does not know the length of a text. */
  private static List<String> columns(Schema schema) {
    return ((RowType) AvroSchemaConverter.convertToDataType(schema).getLogicalType())
        .getFields().stream()
            .map(field -> field.getName() + " " + field.getType().copy(true).asSummaryString())
            .toList();
  }
}
