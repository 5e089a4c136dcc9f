package io.medallion.services;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.table.types.logical.RowType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks a pipeline folder and shows the tables it makes, without Kafka, Flink or a lake. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a pipeline folder and shows every table it makes.",
      "Reads the contract, plans every query and rule, and looks up the environment variables;"
          + " connects to nothing."
    },
    footer = {
      "",
      "Exit codes: 0 the pipeline can be started, 2 it cannot; every reason is on standard error.",
      "",
      "Examples:",
      "  medallion validate --pipeline pipelines/transactions",
      "  medallion validate --pipeline s3://config/transactions --json"
    })
final class ValidateCommand implements Callable<Integer> {
  private static final int INVALID = 2;

  private final Map<String, String> environment;

  @Option(
      names = "--pipeline",
      required = true,
      paramLabel = "DIR",
      description = "The pipeline folder, on any file system that Flink knows.")
  private String pipeline;

  @Option(names = "--json", description = "Prints the tables as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  ValidateCommand() {
    this(System.getenv());
  }

  ValidateCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws JsonProcessingException {
    PipelineDefinition definition;
    try {
      definition = PipelineFolder.load(pipeline, environment);
    } catch (InvalidConfigurationException e) {
      e.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
      spec.commandLine().getErr().flush();
      return INVALID;
    }
    PrintWriter out = spec.commandLine().getOut();
    List<TableDefinition> tables = Tables.all(definition);
    if (json) {
      out.println(json(definition.name(), tables));
    } else {
      tables.forEach(table -> print(table, out));
    }
    out.flush();
    return 0;
  }

  private static void print(TableDefinition table, PrintWriter out) {
    out.println(table.qualifiedName());
    out.println("  writing       " + writing(table));
    out.println("  key           " + String.join(", ", table.key()));
    out.println(
        "  partition by  "
            + (table.partitionBy().isEmpty() ? "-" : String.join(", ", table.partitionBy())));
    int width = table.columns().getFieldNames().stream().mapToInt(String::length).max().orElse(1);
    out.println("  columns");
    for (RowType.RowField field : table.columns().getFields()) {
      out.println(("    %-" + width + "s  %s").formatted(field.getName(), type(field)));
    }
    out.println();
  }

  private static String json(String pipeline, List<TableDefinition> tables)
      throws JsonProcessingException {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ObjectNode root = mapper.createObjectNode().put("pipeline", pipeline);
    ArrayNode list = root.putArray("tables");
    for (TableDefinition table : tables) {
      ObjectNode node =
          list.addObject().put("table", table.qualifiedName()).put("writing", writing(table));
      table.key().forEach(node.putArray("key")::add);
      table.partitionBy().forEach(node.putArray("partition-by")::add);
      ArrayNode columns = node.putArray("columns");
      for (RowType.RowField field : table.columns().getFields()) {
        columns.addObject().put("name", field.getName()).put("type", type(field));
      }
    }
    return mapper.writeValueAsString(root);
  }

  private static String writing(TableDefinition table) {
    return table.writing().name().toLowerCase(Locale.ROOT);
  }

  private static String type(RowType.RowField field) {
    return field.getType().asSummaryString();
  }
}
