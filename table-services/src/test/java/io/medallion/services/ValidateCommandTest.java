package io.medallion.services;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ValidateCommandTest {
  private static final String TRANSACTIONS = "../pipelines/transactions";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aValidPipelineShowsEveryTableWithItsColumns() {
    int exit = run(ENVIRONMENT, "--pipeline", TRANSACTIONS);

    assertThat(exit).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString().lines())
        .containsSubsequence(
            "bronze.transactions",
            "  writing       append",
            "  key           topic, partition, offset",
            "  partition by  _source_system, _ingestion_date",
            "silver.transactions",
            "  writing       changelog",
            "  key           transaction_id",
            "  partition by  transaction_date",
            "  columns",
            "    transaction_id    STRING NOT NULL",
            "    update_type       STRING",
            "    customer_id       STRING",
            "    amount            DECIMAL(18, 2)",
            "silver.transactions_quarantine",
            "  partition by  -",
            "gold.daily_revenue",
            "  writing       upsert",
            "  key           transaction_date, region, product_category",
            "    total_revenue          DECIMAL(38, 2)");
  }

  @Test
  void jsonHoldsTheSameTables() throws Exception {
    int exit = run(ENVIRONMENT, "--pipeline", TRANSACTIONS, "--json");

    assertThat(exit).isZero();
    JsonNode root = new ObjectMapper().readTree(out.toString());
    assertThat(root.path("pipeline").asText()).isEqualTo("transactions");
    assertThat(root.path("tables").findValuesAsText("table"))
        .containsExactly(
            "bronze.transactions",
            "silver.transactions",
            "silver.transactions_quarantine",
            "gold.daily_revenue");
    JsonNode gold = root.path("tables").path(3);
    assertThat(gold.path("writing").asText()).isEqualTo("upsert");
    assertThat(gold.path("key").toString())
        .isEqualTo("[\"transaction_date\",\"region\",\"product_category\"]");
    assertThat(gold.path("columns").path(4).toString())
        .isEqualTo("{\"name\":\"total_revenue\",\"type\":\"DECIMAL(38, 2)\"}");
  }

  @Test
  void anUnsetVariableIsReportedOnStandardErrorWithoutAStackTrace() {
    int exit = run(Map.of(), "--pipeline", TRANSACTIONS);

    assertThat(exit).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .containsExactly(
            "pipeline.yaml:10: source.kafka.bootstrap.servers:"
                + " found ${KAFKA_BOOTSTRAP_SERVERS}, which is not set,"
                + " expected an environment variable."
                + " Set it: export KAFKA_BOOTSTRAP_SERVERS=...");
  }

  @Test
  void aMissingFolderIsNamed() {
    int exit = run(ENVIRONMENT, "--pipeline", "pipelines/nowhere");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "pipelines/nowhere: pipeline folder: found nothing,"
                + " expected a folder that holds pipeline.yaml."
                + " Name the pipeline folder, for example pipelines/transactions.");
  }

  @Test
  void helpShowsExamples() {
    int exit = run(ENVIRONMENT, "--help");

    assertThat(exit).isZero();
    assertThat(out.toString())
        .contains("medallion validate --pipeline pipelines/transactions")
        .contains("--json");
  }

  private int run(Map<String, String> environment, String... arguments) {
    return new CommandLine(new ValidateCommand(environment))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }
}
