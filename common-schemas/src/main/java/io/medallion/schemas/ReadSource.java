package io.medallion.schemas;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code source}: the topics, the contract, the format, the source system, the Kafka client.
 */
final class ReadSource {
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private ReadSource() {}

  /** The source, or empty when the contract cannot be used; then a problem says why. */
  static Optional<SourceDefinition> read(
      Section source, PipelineFiles files, Map<String, String> environment, String pipeline) {
    source.onlyKeys(PipelineKeys.SOURCE);
    List<String> topics = source.requiredTexts("topics", "Kafka topics", "topics: [transactions]");
    topics.stream()
        .filter(topic -> !TOPIC.matcher(topic).matches())
        .forEach(
            topic ->
                source.itemProblem(
                    "topics",
                    topic,
                    topic,
                    "names of letters, digits, dots, underscores and dashes",
                    "Name each topic; patterns are not supported."));
    Optional<Contract> contract =
        source
            .required("contract", "the Avro schema of one event", "contract: transaction.avsc")
            .flatMap(file -> contract(source, files, file));
    PayloadFormat format = ReadFormat.read(source, files, contract, environment);
    SourceSystem system = sourceSystem(source, pipeline);
    Map<String, String> kafka =
        source
            .requiredSection(
                "kafka",
                "Kafka client properties",
                "kafka: { bootstrap.servers: ${KAFKA_BOOTSTRAP_SERVERS} }")
            .map(section -> KafkaProperties.read(section, environment))
            .orElse(Map.of());
    return contract.map(shape -> new SourceDefinition(topics, shape, format, system, kafka));
  }

  private static Optional<Contract> contract(Section source, PipelineFiles files, String file) {
    return files
        .read(source, "contract", file)
        .flatMap(text -> ParseSchema.parse(text, file, source, "contract"))
        .flatMap(
            schema ->
                ContractTypes.rowType(schema, file, source.problems())
                    .map(rowType -> new Contract(schema.getFullName(), schema, rowType)));
  }

  private static SourceSystem sourceSystem(Section source, String pipeline) {
    String expected = "the source system's name, or { header: NAME }";
    String example = "source-system: erp_system";
    if (source.isMapping("source-system")) {
      Section header = source.section("source-system", expected, example).orElseThrow();
      String name =
          header
              .onlyKeys(PipelineKeys.SOURCE_SYSTEM)
              .required("header", "the name of a Kafka header", "header: source")
              .orElse("");
      return new SourceSystem(SourceSystem.Kind.HEADER, name);
    }
    return new SourceSystem(
        SourceSystem.Kind.CONSTANT,
        source.text("source-system", expected, example).orElse(pipeline));
  }
}
