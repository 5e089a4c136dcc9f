package io.medallion.schemas;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * Reads a pipeline folder: {@code pipeline.yaml} and the contract, queries and reference tables it
 * names. Every query and rule is planned, so that what loads can run.
 */
public final class PipelineFolder {
  /** What a pipeline and a gold table may be called. */
  static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  static final String NAME_EXPECTED = "lower-case letters, digits and underscores, a letter first";

  private static final String YAML = "pipeline.yaml";
  private static final Duration DEFAULT_FRESHNESS = Duration.ofMinutes(1);

  private PipelineFolder() {}

  /**
   * Loads a pipeline.
   *
   * @param uri the folder, on any file system that Flink knows; a path without a scheme is on the
   *     default one
   * @param environment the variables that {@code ${NAME}} in {@code source.kafka} and {@code
   *     source.registry} may name
   * @throws InvalidConfigurationException if anything is wrong, naming everything that is
   */
  public static PipelineDefinition load(String uri, Map<String, String> environment) {
    Problems problems = new Problems();
    Optional<PipelineDefinition> pipeline =
        read(uri, problems, (root, files) -> pipeline(root, files, environment));
    problems.throwIfAny("The pipeline folder " + uri);
    return pipeline.orElseThrow();
  }

  private static Optional<PipelineDefinition> pipeline(
      Section root, PipelineFiles files, Map<String, String> environment) {
    root.onlyKeys(PipelineKeys.ROOT);
    String name = name(root);
    Duration freshness = freshness(root);
    Optional<SourceDefinition> source = source(root, files, environment, name);
    List<Reference> references =
        root.section("references", "tables by name", "references: { stores: { file: stores.csv } }")
            .map(section -> ReadReferences.read(section, files, name))
            .orElse(List.of());
    Optional<SilverDefinition> silver =
        silver(root)
            .flatMap(section -> ReadSilver.read(section, files, contract(source), references));
    List<GoldDefinition> gold =
        root.section("gold", "gold tables by name", "gold: { daily: { query: ..., key: [...] } }")
            .map(
                section ->
                    ReadGold.read(
                        section, files, silver.flatMap(rows -> table(name, rows)), references))
            .orElse(List.of());
    return source.flatMap(
        events ->
            silver.map(
                rows -> new PipelineDefinition(name, freshness, events, rows, references, gold)));
  }

  /** The silver table of a folder, for another pipeline: asks nothing of its rules and its gold. */
  static Optional<TableDefinition> silver(String uri, Problems problems) {
    return read(uri, problems, PipelineFolder::silver);
  }

  private static <T> Optional<T> read(
      String uri, Problems problems, BiFunction<Section, PipelineFiles, Optional<T>> reader) {
    return PipelineFiles.open(uri, problems)
        .flatMap(
            files ->
                files
                    .readPipelineYaml()
                    .flatMap(text -> ParseYaml.parse(YAML, text, problems))
                    .flatMap(root -> reader.apply(new Section(YAML, "", root, problems), files)));
  }

  private static Optional<TableDefinition> silver(Section root, PipelineFiles files) {
    String name = name(root);
    Optional<SourceDefinition> source = source(root, files, new AnyVariable(Map.of()), name);
    return silver(root)
        .map(section -> section.without("changes", "expectations", "gates"))
        .flatMap(section -> ReadSilver.read(section, files, contract(source), List.of()))
        .flatMap(rows -> table(name, rows));
  }

  private static Optional<SourceDefinition> source(
      Section root, PipelineFiles files, Map<String, String> environment, String name) {
    return root.requiredSection(
            "source", "where events come from", "source: { topics: [...], ... }")
        .flatMap(section -> ReadSource.read(section, files, environment, name));
  }

  private static Optional<Contract> contract(Optional<SourceDefinition> source) {
    return source.map(SourceDefinition::contract);
  }

  private static Optional<Section> silver(Section root) {
    return root.requiredSection("silver", "how events become rows", "silver: { query: ..., ... }");
  }

  /** The table, or empty when its key or order is not to be had. */
  private static Optional<TableDefinition> table(String name, SilverDefinition silver) {
    List<String> columns = silver.columns().getFieldNames();
    return columns.containsAll(silver.key())
            && (!silver.history() || columns.contains(silver.orderBy()))
        ? Optional.of(Tables.silver(name, silver))
        : Optional.empty();
  }

  private static String name(Section root) {
    String name =
        root.requiredName("pipeline", NAME_EXPECTED, "pipeline: transactions", NAME).orElse("");
    if (name.endsWith("_quarantine")) {
      root.problem(
          "pipeline",
          name,
          "a name that does not end in _quarantine",
          "Rename it: silver." + name + " could be another pipeline's quarantine table.");
    }
    return name;
  }

  private static Duration freshness(Section root) {
    String key = "freshness-objective";
    String expected = "a duration above zero with a unit: ms, s, min, h or d";
    String example = "freshness-objective: 30s";
    return root.duration(key, Duration.ofNanos(1), expected, example).orElse(DEFAULT_FRESHNESS);
  }
}
