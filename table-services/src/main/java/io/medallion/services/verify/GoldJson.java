package io.medallion.services.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;

/** A comparison for a program; {@code docs/verify.md} lists the fields, which stay. */
final class GoldJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private GoldJson() {}

  static String of(String pipeline, List<GoldCheck> checks) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("pipeline", pipeline)
            .put("equal", checks.stream().allMatch(GoldCheck::equal));
    ArrayNode tables = root.putArray("tables");
    for (GoldCheck check : checks) {
      ObjectNode table =
          tables
              .addObject()
              .put("table", "gold." + check.table())
              .put("as-of", check.gold())
              .put("silver-as-of", check.silver())
              .put("rows", check.rows())
              .put("differing", check.differing());
      check.examples().forEach(table.putArray("examples")::add);
    }
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
