package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.AnyVariable;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
  private static final Path FOLDER = Path.of("../pipelines/transactions");

  @TempDir Path folder;

  @Test
  void helpNamesStatesAndShowsExamples() {
    // When
    Ran ran = Ran.of(new StatusCommand(), "--help");

    // Then
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(
            "in this state or a worse one: idle, healthy, catching-up,",
            "medallion status --json --fail-on stalled --pipeline pipelines/transactions --warehouse s3://lake");
  }

  @Test
  void aWarehouseWithoutTheTablesIsRefusedAndLeftAlone() throws Exception {
    // When
    Ran ran = status("--fail-on", "catching-up");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .contains(
            "--warehouse: found ",
            "expected a warehouse with a commit of bronze.transactions",
            "start ingest-bronze.");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aWindowWithoutTimeIsRefused() {
    // When
    Ran ran = status("--window", "0s");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--window: found PT0S, expected a time longer than zero");
  }

  @Test
  void aStateThatThereIsNotIsRefused() {
    // When
    Ran ran = status("--fail-on", "slow");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--fail-on", "slow", "catching-up");
  }

  @Test
  void prometheusExcludesWhatPrints() {
    // When
    Ran ran = status("--prometheus", "0", "--watch");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith("--prometheus excludes --watch, --json and --fail-on.");
    assertThat(status("--prometheus", "70000").err())
        .contains("--prometheus: found 70000, expected a port, 0 to 65535");
  }

  @Test
  void aWarehouseIsLookedAtWithoutAnyJob() throws Exception {
    // Given bronze has a commit of records that silver does not have
    PipelineDefinition pipeline = PipelineFolder.load(FOLDER.toString(), new AnyVariable(Map.of()));
    TableDefinition bronze = Tables.bronze(pipeline);
    Lakehouse lakehouse = new Lakehouse(folder.toUri().toString(), pipeline.name());
    lakehouse.create(bronze);
    long now = System.currentTimeMillis();
    lakehouse.rewrite(
        bronze,
        changes -> changes.accept(record(bronze, now)),
        new Progress(
            Map.of("transactions-0", new Span(0, 1)),
            Map.of(Progress.ROWS, 1L),
            Map.of(),
            now,
            now));

    // When
    Ran ran = status("--json", "--fail-on", "stalled");

    // Then
    assertThat(ran.code()).as(ran.err()).isZero();
    JsonNode root = new ObjectMapper().readTree(ran.out());
    assertThat(root.get("tables")).hasSize(3);
    JsonNode first = root.get("tables").get(0);
    assertThat(first.get("table").textValue()).isEqualTo("bronze.transactions");
    assertThat(first.get("rows").longValue()).isEqualTo(1);
    assertThat(first.get("files").get("base").intValue()).isEqualTo(1);
    JsonNode silver = root.get("tables").get(1);
    assertThat(silver.get("waiting").get("commits").intValue()).isEqualTo(1);
    assertThat(silver.get("state").textValue()).isEqualTo("healthy");

    // And any state is one to fail on
    Ran fails = status("--fail-on", "idle");
    assertThat(fails.code()).isEqualTo(1);
    assertThat(fails.out())
        .startsWith("transactions: healthy   objective 30.0 s, judged over 15 min\n")
        .contains("latency from Kafka to the last layer: no records in this time");
  }

  private static RowData record(TableDefinition bronze, long time) {
    List<String> columns = bronze.columns().getFieldNames();
    GenericRowData row = new GenericRowData(columns.size());
    row.setField(columns.indexOf(Tables.TOPIC), StringData.fromString("transactions"));
    row.setField(columns.indexOf(Tables.PARTITION), 0);
    row.setField(columns.indexOf(Tables.OFFSET), 0L);
    row.setField(columns.indexOf(Tables.KAFKA_TIMESTAMP), TimestampData.fromEpochMillis(time));
    row.setField(columns.indexOf(Tables.SOURCE_SYSTEM), StringData.fromString("erp"));
    row.setField(columns.indexOf(Tables.INGESTION_DATE), StringData.fromString("2026-01-01"));
    return row;
  }

  private Ran status(String... more) {
    String[] arguments = new String[more.length + 1];
    System.arraycopy(more, 0, arguments, 0, more.length);
    arguments[more.length] = "--without-kafka";
    return Ran.onTables(new StatusCommand(), FOLDER, folder.toUri().toString(), arguments);
  }
}
