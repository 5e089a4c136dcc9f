package io.medallion.silver;

import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.Reference;
import io.medallion.schemas.ReferenceRule;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.annotation.Nullable;
import org.apache.flink.table.types.logical.RowType;

/**
 * The keys of a reference, in memory: of a file as the job was planned with it, of a table as it
 * was at the last look. A key that is not there makes it look again, but not so often that looking
 * takes more than a tenth of the time. Not thread-safe.
 */
final class ReferenceKeys {
  private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int NANOS_BETWEEN_PER_NANO = 10;

  private final ReferenceRule rule;
  private final String warehouse;

  /** Null for a file. */
  @Nullable private final TableDefinition table;

  private Set<String> keys;
  private String instant = "";
  private long nextLook = System.nanoTime();

  ReferenceKeys(ReferenceRule rule, String warehouse) {
    this.rule = rule;
    this.warehouse = warehouse;
    this.keys = new HashSet<>();
    this.table = rule.reference() instanceof Reference.OfPipeline other ? other.table() : null;
    if (rule.reference() instanceof Reference.OfFile file) {
      KeyText key = new KeyText(file.columns(), List.of(rule.keyColumn()));
      file.rowData().forEach(row -> keys.add(key.of(row)));
    }
  }

  /**
   * Whether the reference has a row with a key.
   *
   * @param key as {@link KeyText} of one column writes it
   */
  boolean has(String key) {
    if (!keys.contains(key) && System.nanoTime() - nextLook >= 0) {
      look();
    }
    return keys.contains(key);
  }

  /** Looks what the table holds now. */
  void look() {
    if (table == null) {
      return;
    }
    long began = System.nanoTime();
    String newest = CommitLog.newestInstant(warehouse, table).orElse("");
    if (!newest.equals(instant)) {
      keys = load(table);
      instant = newest;
    }
    long now = System.nanoTime();
    nextLook = now + Math.max(LOOK_EVERY_NANOS, NANOS_BETWEEN_PER_NANO * (now - began));
  }

  private Set<String> load(TableDefinition table) {
    boolean history = table.key().contains(Tables.VALID_FROM);
    List<String> columns =
        history ? List.of(rule.keyColumn(), Tables.IS_CURRENT) : List.of(rule.keyColumn());
    KeyText key =
        new KeyText(
            new RowType(
                columns.stream()
                    .map(table.columns()::getFieldIndex)
                    .map(table.columns().getFields()::get)
                    .toList()),
            List.of(rule.keyColumn()));
    Set<String> loaded = new HashSet<>();
    new Lakehouse(warehouse, table.name())
        .read(
            table,
            columns,
            row -> {
              if (!history || row.getBoolean(1)) {
                loaded.add(key.of(row));
              }
            });
    return loaded;
  }
}
