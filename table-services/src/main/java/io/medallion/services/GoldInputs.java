package io.medallion.services;

import io.medallion.io.Lakehouse;
import io.medallion.io.Span;
import io.medallion.schemas.GoldDefinition;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Reference;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.types.Row;

/** Silver, and what a gold query joins with it, under the names that the query has for them. */
public final class GoldInputs {
  private static final String SILVER = "silver";

  private final TableDefinition silver;
  private final List<Reference> references;
  private final Lakehouse lakehouse;

  public GoldInputs(PipelineDefinition pipeline, GoldDefinition gold, Lakehouse lakehouse) {
    this.silver = Tables.silver(pipeline);
    this.references = gold.references();
    this.lakehouse = lakehouse;
  }

  /** Names the tables as they are now. */
  public void register(BatchSql sql) {
    sql.table(SILVER, lakehouse, silver);
    for (Reference reference : references) {
      if (reference instanceof Reference.OfPipeline other) {
        sql.table(other.name(), lakehouse, other.table());
      } else if (reference instanceof Reference.OfFile file) {
        register(sql, file);
      }
    }
  }

  /**
   * Names the tables as they were; after the queries are through, ask {@link #requireHeld} once
   * more.
   *
   * @param instants of the commits, by qualified table; one that is not there, or {@link
   *     Span#START}, is of a table without rows
   * @throws io.medallion.io.NotHeldException if a table does not hold that state
   */
  public void registerAsOf(BatchSql sql, Map<String, Long> instants) {
    registerAsOf(sql, SILVER, silver, instants);
    for (Reference reference : references) {
      if (reference instanceof Reference.OfPipeline other) {
        registerAsOf(sql, other.name(), other.table(), instants);
      } else if (reference instanceof Reference.OfFile file) {
        register(sql, file);
      }
    }
  }

  private void registerAsOf(
      BatchSql sql, String name, TableDefinition table, Map<String, Long> instants) {
    long instant = instants.getOrDefault(table.qualifiedName(), Span.START);
    if (instant == Span.START) {
      sql.rows(name, table.columns(), List.of());
    } else {
      sql.tableAsOf(name, lakehouse, table, String.valueOf(instant));
    }
  }

  /**
   * Asks whether all that was named as it was is still held.
   *
   * @throws io.medallion.io.NotHeldException if it is not
   */
  public void requireHeld(Map<String, Long> instants) {
    requireHeld(silver, instants);
    for (Reference reference : references) {
      if (reference instanceof Reference.OfPipeline other) {
        requireHeld(other.table(), instants);
      }
    }
  }

  /** The tables and their instants in words. */
  public String asOf(Map<String, Long> instants) {
    return Stream.concat(
            Stream.of(silver),
            references.stream()
                .filter(Reference.OfPipeline.class::isInstance)
                .map(other -> ((Reference.OfPipeline) other).table()))
        .map(TableDefinition::qualifiedName)
        .filter(table -> instants.getOrDefault(table, Span.START) != Span.START)
        .map(table -> table + " as of " + instants.get(table))
        .collect(Collectors.joining(", "));
  }

  private void requireHeld(TableDefinition table, Map<String, Long> instants) {
    long instant = instants.getOrDefault(table.qualifiedName(), Span.START);
    if (instant != Span.START) {
      lakehouse.requireHeld(table, String.valueOf(instant));
    }
  }

  private static void register(BatchSql sql, Reference.OfFile file) {
    sql.rows(
        file.name(),
        file.columns(),
        file.rows().stream().map(values -> Row.of(values.toArray())).toList());
  }
}
