package io.medallion.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pipeline folder that loads, made to be spoilt one thing at a time. */
final class OrdersFolder {
  static final Map<String, String> ENVIRONMENT =
      Map.of("BROKERS", "broker:9092", "SECRET", "hunter2", "EMPTY", "");

  private static final String YAML =
      """
      pipeline: orders
      freshness-objective: 5min
      source:
        topics: [orders]
        format: json
        contract: order.avsc
        source-system: shop
        kafka:
          bootstrap.servers: ${BROKERS}
      silver:
        query: silver.sql
        key: [order_id]
        partition-by: [order_date]
        order-by: event_time
        changes:
          operation: kind
          correction: { when: FIX, sets: [price] }
          reversal: { when: UNDO }
        expectations:
          has a price: { not-null: price }
      gold:
        sales: { query: gold/sales.sql, key: [country], version: 2 }
      """;

  private static final String CONTRACT =
      """
      {"type": "record", "name": "Order", "fields": [
        {"name": "id", "type": "string"},
        {"name": "shop", "type": ["null", "string"]},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["NEW", "FIX", "UNDO"]}},
        {"name": "country", "type": ["null", "string"]},
        {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}]},
        {"name": "weight", "type": ["null", "double"]},
        {"name": "count", "type": ["null", "int"]},
        {"name": "photo", "type": ["null", "bytes"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
      ]}
      """;

  private static final String SILVER =
      """
      SELECT
        CONCAT(shop, '-', id) AS order_id,
        kind,
        country,
        price,
        weight,
        `count` AS item_count,
        photo,
        tags,
        `at` AS event_time,
        CAST(`at` AS DATE) AS order_date
      FROM bronze
      """;

  private static final String SALES =
      """
      SELECT country, SUM(price) AS revenue, COUNT(*) AS orders
      FROM silver
      GROUP BY country
      """;

  private final Path folder;
  private final Map<String, String> files = new LinkedHashMap<>();

  OrdersFolder(Path folder) {
    this.folder = folder;
    files.put("pipeline.yaml", YAML);
    files.put("order.avsc", CONTRACT);
    files.put("silver.sql", SILVER);
    files.put("gold/sales.sql", SALES);
  }

  /** Replaces one place in pipeline.yaml. */
  OrdersFolder yaml(String from, String to) {
    return edit("pipeline.yaml", from, to);
  }

  /** Replaces one place in a file, which must hold it. */
  OrdersFolder edit(String file, String from, String to) {
    if (!files.get(file).contains(from)) {
      throw new IllegalArgumentException(file + " does not hold " + from);
    }
    files.put(file, files.get(file).replace(from, to));
    return this;
  }

  OrdersFolder file(String name, String text) {
    files.put(name, text);
    return this;
  }

  OrdersFolder without(String name) {
    files.remove(name);
    return this;
  }

  /** Puts one rule in the place of all. */
  OrdersFolder rule(String rule) {
    return yaml("has a price: { not-null: price }", "a rule: " + rule);
  }

  String write() {
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = folder.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder.toString();
  }

  PipelineDefinition load() {
    return PipelineFolder.load(write(), ENVIRONMENT);
  }

  /** Everything that is wrong with the folder, each as one line. */
  List<String> problems() {
    try {
      load();
      return List.of();
    } catch (InvalidConfigurationException e) {
      return e.problems().stream().map(Problem::toString).toList();
    }
  }
}
