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

/** Refuses to go on with rows that another version of a gold query has made. */
final class CheckVersions {
  private CheckVersions() {}

  /**
   * Compares the tables' newest commits with the definition.
   *
   * @throws InvalidConfigurationException if a version differs
   */
  static void check(PipelineDefinition pipeline, String warehouse) {
    List<Problem> problems = new ArrayList<>();
    for (GoldDefinition gold : pipeline.gold()) {
      Optional<Integer> made = CommitLog.latest(warehouse, Tables.gold(gold)).map(Commit::version);
      if (made.isPresent() && made.get() != gold.version()) {
        problems.add(
            new Problem(
                "pipeline.yaml",
                "gold.%s.version".formatted(gold.table()),
                String.valueOf(gold.version()),
                "%d, which made the rows of %s"
                    .formatted(made.get(), Tables.gold(gold).qualifiedName()),
                "Bring the table to it with medallion gold rebuild --table %s, and start without a checkpoint."
                    .formatted(gold.table())));
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException("The gold tables", problems);
    }
  }
}
