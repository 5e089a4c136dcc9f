package io.medallion.services.reference;

import static io.medallion.services.reference.MarkdownTable.code;

import io.medallion.schemas.PipelineKeys;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code docs/configuration.md}: the keys of a pipeline and the settings of the cluster. */
final class ConfigurationPage {
  private ConfigurationPage() {}

  static String text() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration

            What a pipeline says about itself, in `pipeline.yaml`, and what the cluster must be, in `flink-conf`. Made from the code by
            ReferencePagesTest.

            ## pipeline.yaml

            Files are named relative to the folder. A key that is not listed here refuses to start, as does any wrong value; `./medallion
            validate --pipeline DIR` says everything that is wrong. [Your own pipeline](your-own-pipeline.md) shows how the keys come together.
            A job also refuses a table of the warehouse that was made with other columns, another key or other partition columns.
            """);
    for (PipelineKeys mapping : PipelineKeys.values()) {
      MarkdownTable keys = new MarkdownTable("key", "type", "default", "effect");
      mapping
          .keys()
          .forEach(key -> keys.row(code(key.name()), key.type(), key.byDefault(), key.effect()));
      page.append("\n### ")
          .append(mapping.path().isEmpty() ? "The file" : code(mapping.path()))
          .append("\n\n")
          .append(note(mapping))
          .append(keys);
    }
    page.append(
        """

        ## flink-conf

        Flink's own settings, as `flink-conf/src/main/conf/config.yaml` has them for every cluster that the jobs run on. Override one for a
        cluster or a job with `-D key=value`.
        """);
    Map<String, MarkdownTable> parts = new LinkedHashMap<>();
    for (ClusterSettings.Setting setting : ClusterSettings.read()) {
      parts
          .computeIfAbsent(
              setting.heading(), heading -> new MarkdownTable("setting", "value", "reason"))
          .row(code(setting.key()), code(setting.value()), setting.reason().replace("<", "&lt;"));
    }
    parts.forEach(
        (heading, settings) ->
            page.append("\n### ").append(heading).append("\n\n").append(settings));
    return page.toString();
  }

  private static String note(PipelineKeys mapping) {
    return switch (mapping) {
      case REGISTRY -> "With format `avro-registry` only.\n\n";
      case SOURCE_SYSTEM -> "Instead of a text.\n\n";
      case RULE ->
          """
          One of `not-null`, `in`, `at-least` with or without `at-most`, `pattern`, `condition`. A rule is broken only when it is false.

          """;
      case REFERENCE -> "Either `file` or `pipeline`.\n\n";
      case ROOT,
          SOURCE,
          SILVER,
          CHANGES,
          CORRECTION,
          REVERSAL,
          GATES,
          QUARANTINED_SHARE,
          NULL_SHARE,
          EVENT_COUNT,
          GOLD_TABLE ->
          "";
    };
  }
}
