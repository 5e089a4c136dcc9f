package io.medallion.services.chaos;

import io.medallion.io.CommitLog;
import io.medallion.schemas.Layer;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * By commits that say nothing of what they have read. Newer than a fault are two in bronze, as the
 * first may have been under way already, then two in silver, then one in every gold table. All has
 * arrived when bronze ends where Kafka ends and no table has had a commit for a while.
 */
final class TrackCommits implements TrackTables {
  private static final long QUIET_NANOS = Duration.ofSeconds(15).toNanos();

  private final String warehouse;
  private final List<TableDefinition> tables;
  private final ReadBronze bronze;
  private Map<String, String> newest = new HashMap<>();
  private long changedNanos;

  TrackCommits(PipelineDefinition pipeline, String warehouse, ReadBronze bronze) {
    this.warehouse = warehouse;
    this.tables = Tables.all(pipeline);
    this.bronze = bronze;
  }

  @Override
  public Arrivals since(Moment fault) {
    return new Newer();
  }

  @Override
  public SortedMap<String, String> underWay(Map<String, Long> ends) {
    SortedMap<String, String> underWay = new TreeMap<>();
    Map<String, Long> next = bronze.read().map(ReadBronze.Difference::next).orElse(Map.of());
    ends.forEach(
        (partition, end) -> {
          long at = next.getOrDefault(partition, 0L);
          if (at < end) {
            underWay.put("bronze", "%,d of %,d offsets of %s".formatted(at, end, partition));
          }
        });
    Map<String, String> now = new HashMap<>();
    tables.forEach(table -> now.put(table.qualifiedName(), newestInstant(table)));
    if (!now.equals(newest)) {
      newest = now;
      changedNanos = System.nanoTime();
    }
    if (System.nanoTime() - changedNanos < QUIET_NANOS) {
      underWay.put("commits", new TreeMap<>(now).toString());
    }
    return underWay;
  }

  private String newestInstant(TableDefinition table) {
    return CommitLog.newestInstant(warehouse, table).orElse("");
  }

  private List<TableDefinition> of(Layer layer) {
    return tables.stream().filter(table -> table.layer() == layer).toList();
  }

  private final class Newer implements Arrivals {
    private final Map<String, String> last = new HashMap<>();
    private final Map<String, Integer> commits = new HashMap<>();
    private boolean silverHas;

    Newer() {
      look(of(Layer.BRONZE).get(0));
    }

    @Override
    public boolean inBronze() {
      if (look(of(Layer.BRONZE).get(0)) < 2) {
        return false;
      }
      look(of(Layer.SILVER).get(0));
      return true;
    }

    @Override
    public boolean inGold() {
      if (!silverHas && look(of(Layer.SILVER).get(0)) >= 2) {
        silverHas = true;
        of(Layer.GOLD).forEach(this::look);
      }
      return silverHas && of(Layer.GOLD).stream().allMatch(table -> look(table) >= 1);
    }

    /** How many newer commits were seen since the first look. */
    private int look(TableDefinition table) {
      String now = newestInstant(table);
      String before = last.put(table.qualifiedName(), now);
      return commits.merge(
          table.qualifiedName(), before == null || before.equals(now) ? 0 : 1, Integer::sum);
    }
  }
}
