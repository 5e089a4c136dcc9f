package io.medallion.services.status;

import io.medallion.io.Commit;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.RowType;

/**
 * The commits of a pipeline in seconds of one minute and after: {@code bronze(10, 1, 8)} is visible
 * at 10 s and brings records of 1 s to 8 s, ten of them. Instants are the seconds.
 */
public final class Logs {
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration INTERVAL = Duration.ofSeconds(10);
  static final int RECORDS = 10;

  private static final TableDefinition BRONZE = table(Layer.BRONZE, Writing.APPEND);
  private static final TableDefinition SILVER = table(Layer.SILVER, Writing.CHANGELOG);
  private static final TableDefinition GOLD = table(Layer.GOLD, Writing.UPSERT);

  private final List<Commit> bronze = new ArrayList<>();
  private final List<Commit> silver = new ArrayList<>();
  private final List<Commit> gold = new ArrayList<>();

  /** Everything of the first 20 s is in gold since second 26. */
  public static Logs ofTwentySeconds() {
    return new Logs()
        .bronze(10, 1, 9)
        .bronze(20, 11, 19)
        .silver(14, 10)
        .silver(24, 20)
        .gold(16, 14)
        .gold(26, 24);
  }

  public static Instant at(double second) {
    return START.plusMillis((long) (second * 1000));
  }

  /** Brings records with Kafka timestamps from one to another. */
  public Logs bronze(int visible, int first, int last) {
    long next = (bronze.size() + 1L) * RECORDS;
    bronze.add(
        commit(
            BRONZE,
            visible,
            Map.of("t-0", new Span(next - RECORDS, next)),
            Map.of(Progress.INPUT, next, Progress.ROWS, next),
            first,
            last));
    return this;
  }

  /** Has read bronze up to what was visible then. */
  public Logs silver(int visible, int upTo) {
    silver.add(follower(SILVER, BRONZE, silver, bronze, visible, upTo));
    return this;
  }

  /** Has read silver up to what was visible then. */
  public Logs gold(int visible, int upTo) {
    gold.add(follower(GOLD, SILVER, gold, silver, visible, upTo));
    return this;
  }

  /** The first commits are archived. */
  Logs archiveGold(int commits) {
    gold.subList(0, commits).clear();
    return this;
  }

  /** As they were read at some second. */
  public List<TableLog> logs(double second) {
    Instant asOf = at(second);
    TableLog bronzeLog = new TableLog(BRONZE, null, bronze, asOf);
    TableLog silverLog = new TableLog(SILVER, bronzeLog, silver, asOf);
    return List.of(bronzeLog, silverLog, new TableLog(GOLD, silverLog, gold, asOf));
  }

  private static Commit follower(
      TableDefinition table,
      TableDefinition input,
      List<Commit> own,
      List<Commit> before,
      int visible,
      int upTo) {
    long first =
        own.isEmpty() ? Span.START : own.get(own.size() - 1).progress().next(input.qualifiedName());
    List<Commit> read =
        before.stream().filter(commit -> Long.parseLong(commit.instant()) <= upTo).toList();
    long rows = (long) read.size() * RECORDS;
    Progress newest = read.get(read.size() - 1).progress();
    return commit(
        table,
        visible,
        Map.of(input.qualifiedName(), new Span(first, upTo)),
        Map.of(Progress.INPUT, rows, Progress.CHANGES, rows, Progress.ROWS, rows),
        Math.toIntExact((newest.minEventTime() - START.toEpochMilli()) / 1000),
        Math.toIntExact((newest.maxEventTime() - START.toEpochMilli()) / 1000));
  }

  private static Commit commit(
      TableDefinition table,
      int visible,
      Map<String, Span> position,
      Map<String, Long> counters,
      int firstEvent,
      int lastEvent) {
    return new Commit(
        String.valueOf(visible),
        at(visible),
        at(visible),
        1,
        "p",
        table.layer().database(),
        "job",
        1,
        "",
        INTERVAL,
        new Progress(
            position,
            counters,
            Map.of(),
            at(firstEvent).toEpochMilli(),
            at(lastEvent).toEpochMilli()));
  }

  private static TableDefinition table(Layer layer, Writing writing) {
    return new TableDefinition(
        layer,
        "t",
        new RowType(false, List.of(new RowType.RowField("id", new BigIntType(false)))),
        List.of("id"),
        List.of(),
        writing);
  }
}
