package io.medallion.services.reference;

import static io.medallion.services.reference.MarkdownTable.code;

import io.medallion.schemas.Layer;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.SilverDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.table.types.logical.RowType;

/** {@code docs/tables.md}: the tables of the shipped pipeline. */
final class TablesPage {
  private static final String PIPELINE = "transactions";

  private TablesPage() {}

  static String text() {
    PipelineDefinition pipeline =
        PipelineFolder.load(
            "../pipelines/" + PIPELINE, Map.of("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"));
    StringBuilder page =
        new StringBuilder(
            """
            # Tables

            Every table of the pipeline `transactions` with all its columns. Another pipeline has the same ones under its own name, with
            the columns of its own queries: `./medallion validate --pipeline DIR` lists them. All timestamps are UTC. Hudi adds its own
            columns (`_hoodie_*`) in front. Made from the code by ReferencePagesTest.
            """);
    for (TableDefinition table : Tables.all(pipeline)) {
      page.append(section(table, pipeline));
      if (table.writing() == Writing.CHANGELOG) {
        page.append(inHistory(table, pipeline));
      }
    }
    return page.toString();
  }

  /** What silver has besides where a pipeline keeps the history of its keys. */
  private static String inHistory(TableDefinition silver, PipelineDefinition pipeline) {
    PipelineDefinition withHistory = withHistory(pipeline);
    TableDefinition table = Tables.silver(withHistory);
    Map<String, String> meanings = Tables.meanings(withHistory, table);
    MarkdownTable columns = new MarkdownTable("column", "type", "meaning");
    for (RowType.RowField field : table.columns().getFields()) {
      if (!silver.columns().getFieldNames().contains(field.getName())) {
        columns.row(
            code(field.getName()),
            code(field.getType().asSummaryString()),
            meanings.get(field.getName()));
      }
    }
    return """

        With `history: true` (another pipeline may say so) one row per version of a key. The columns of the SELECT are followed by

        %s
        Key: %s.
        """
        .formatted(columns, list(table.key()));
  }

  private static PipelineDefinition withHistory(PipelineDefinition pipeline) {
    SilverDefinition silver = pipeline.silver();
    return new PipelineDefinition(
        pipeline.name(),
        pipeline.freshnessObjective(),
        pipeline.source(),
        new SilverDefinition(
            silver.sql(),
            silver.columns(),
            silver.key(),
            silver.partitionBy(),
            silver.orderBy(),
            true,
            silver.stateLifetime(),
            silver.changes(),
            silver.expectations(),
            silver.referenceRules(),
            silver.gates()),
        pipeline.references(),
        pipeline.gold());
  }

  private static String section(TableDefinition table, PipelineDefinition pipeline) {
    Map<String, String> meanings = Tables.meanings(pipeline, table);
    MarkdownTable columns = new MarkdownTable("column", "type", "meaning");
    for (RowType.RowField field : table.columns().getFields()) {
      columns.row(
          code(field.getName()),
          code(field.getType().asSummaryString()),
          meanings.getOrDefault(field.getName(), selected(field.getName(), table, pipeline)));
    }
    return """

        ## %s

        %s

        Key: %s. Partitioned by: %s.

        %s"""
        .formatted(
            table.qualifiedName(),
            what(table),
            list(table.key()),
            list(table.partitionBy()),
            columns);
  }

  private static String what(TableDefinition table) {
    return switch (table.writing()) {
      case APPEND ->
          table.layer() == Layer.BRONZE
              ? "Every Kafka record as it came; append only."
              : "Every event that could not be read or broke a rule, with its bytes; append only.";
      case CHANGELOG -> "One row per key; every change of it is kept for readers of the changelog.";
      case UPSERT -> "One row per group, kept up to date.";
    };
  }

  private static String selected(
      String column, TableDefinition table, PipelineDefinition pipeline) {
    List<String> roles = new ArrayList<>();
    roles.add(
        table.layer() == Layer.SILVER ? "Of `silver.sql`" : "Of `gold/" + table.name() + ".sql`");
    if (table.key().contains(column)) {
      roles.add("the key");
    }
    if (table.layer() == Layer.SILVER && column.equals(pipeline.silver().orderBy())) {
      roles.add("says which event is newer");
    }
    return String.join("; ", roles) + ".";
  }

  private static String list(List<String> columns) {
    return columns.isEmpty()
        ? "nothing"
        : columns.stream().map(MarkdownTable::code).collect(Collectors.joining(", "));
  }
}
