package io.medallion.silver;

import static java.util.stream.Collectors.joining;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.SilverDefinition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** The shipped pipeline {@code transactions} and records of its topic. */
final class Transactions {
  /** 2023-11-14T22:13:20Z, when Kafka took the record with offset 0; each offset a second later. */
  static final long START = 1_700_000_000_000L;

  static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));

  /** The same with a row for each version of a transaction. */
  static final PipelineDefinition HISTORY = with(true, Duration.ZERO);

  static final EventRow EVENT_ROW = new EventRow(PIPELINE);

  private Transactions() {}

  private static PipelineDefinition with(boolean history, Duration stateLifetime) {
    SilverDefinition silver = PIPELINE.silver();
    return with(
        new SilverDefinition(
            silver.sql(),
            silver.columns(),
            silver.key(),
            silver.partitionBy(),
            silver.orderBy(),
            history,
            stateLifetime,
            silver.changes(),
            silver.expectations(),
            silver.referenceRules(),
            silver.gates()));
  }

  /** The same with another silver table. */
  static PipelineDefinition with(SilverDefinition silver) {
    return new PipelineDefinition(
        PIPELINE.name(),
        PIPELINE.freshnessObjective(),
        PIPELINE.source(),
        silver,
        PIPELINE.references(),
        PIPELINE.gold());
  }

  /** The same with one more column of the SELECT, the last of them. */
  static PipelineDefinition selecting(
      String expression, String name, LogicalType type, List<String> partitionBy) {
    SilverDefinition silver = PIPELINE.silver();
    List<RowType.RowField> columns = new ArrayList<>(silver.columns().getFields());
    columns.add(new RowType.RowField(name, type));
    return with(
        new SilverDefinition(
            "SELECT s.*, %s AS %s FROM (%n%s%n) AS s".formatted(expression, name, silver.sql()),
            new RowType(false, columns),
            silver.key(),
            partitionBy,
            silver.orderBy(),
            false,
            Duration.ZERO,
            silver.changes(),
            silver.expectations(),
            silver.referenceRules(),
            silver.gates()));
  }

  /** The same that seals its keys. */
  static PipelineDefinition withLifetime(Duration lifetime) {
    return with(false, lifetime);
  }

  /** A bronze row of partition 0. */
  static RowData record(long offset, @Nullable String payload) {
    return record(0, offset, payload);
  }

  /** A bronze row. */
  static RowData record(int partition, long offset, @Nullable String payload) {
    return GenericRowData.of(
        StringData.fromString("transactions"),
        partition,
        offset,
        TimestampData.fromEpochMillis(START + offset * 1_000),
        "k".getBytes(StandardCharsets.UTF_8),
        payload == null ? null : payload.getBytes(StandardCharsets.UTF_8),
        null,
        TimestampData.fromEpochMillis(START + 100_000),
        1L,
        StringData.fromString("erp_system"),
        StringData.fromString("2023-11-14"));
  }

  /** A JSON event with the given fields, and a timestamp at the start if they have none. */
  static String json(String fields) {
    String json = fields.replace('\'', '"');
    return json.contains("\"timestamp\"")
        ? "{" + json + "}"
        : "{" + json + ",\"timestamp\":" + START + "}";
  }

  /** A new transaction that breaks no rule, with other fields than usual in place of their own. */
  static String created(String... others) {
    Map<String, String> fields = new TreeMap<>();
    fields.put("transaction_id", "'T1'");
    fields.put("update_type", "'NEW'");
    fields.put("customer_id", "' c1 '");
    fields.put("amount", "10.00");
    fields.put("product_category", "'toys'");
    fields.put("region", "'EU'");
    fields.put("description", "'first'");
    for (int i = 0; i < others.length; i += 2) {
      fields.put(others[i], others[i + 1]);
    }
    return json(
        fields.entrySet().stream()
            .map(field -> "'" + field.getKey() + "':" + field.getValue())
            .collect(joining(",")));
  }
}
