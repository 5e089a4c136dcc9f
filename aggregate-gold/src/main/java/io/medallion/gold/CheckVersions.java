package io.medallion.gold;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Refuses to go on with rows that another gold query has made under the same version, or a later
 * one.
 */
final class CheckVersions {
  private CheckVersions() {}

  /**
   * Compares the tables' newest commits with the definition.
   *
   * @throws InvalidConfigurationException if a version is older, or the query another one under the
   *     same
   */
  static void check(PipelineDefinition pipeline, String warehouse) {
    List<Problem> problems = new ArrayList<>();
    for (GoldDefinition gold : pipeline.gold()) {
      CommitLog.latest(warehouse, Tables.gold(gold))
          .flatMap(made -> problem(gold, made))
          .ifPresent(problems::add);
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException("The gold tables", problems);
    }
  }

  private static Optional<Problem> problem(GoldDefinition gold, Commit made) {
    String table = Tables.gold(gold).qualifiedName();
    String key = "gold.%s.version".formatted(gold.table());
    if (made.version() > gold.version()) {
      return Optional.of(
          new Problem(
              "pipeline.yaml",
              key,
              String.valueOf(gold.version()),
              "at least %d, which made the rows of %s".formatted(made.version(), table),
              "Count it up to %d, also for a query of before, and start without a checkpoint."
                  .formatted(made.version() + 1)));
    }
    if (made.version() == gold.version()
        && !made.fingerprint().isEmpty()
        && !made.fingerprint().equals(gold.fingerprint())) {
      return Optional.of(
          new Problem(
              "pipeline.yaml",
              key,
              "%d with another query, or another file that it joins".formatted(gold.version()),
              "those that made the rows of %s as version %d".formatted(table, made.version()),
              "Count the version up, and start without a checkpoint."));
    }
    return Optional.empty();
  }
}
