package io.medallion.io.ledger;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * The Kafka coordinates of every row of an append table, up to one of its commits; of the
 * quarantine also whether the row is of a replay. Reads no other column.
 */
final class ScanOffsets {
  private static final int BETWEEN_REPORTS = 10_000;

  private final String newest;
  private final String mark;
  private final boolean replays;
  private final SortedMap<String, Scanned> partitions = new TreeMap<>();
  private long rows;

  // The row before: most rows are of the same commit and the same Kafka partition.
  private StringData instant = StringData.fromString("");
  private boolean counts;
  private boolean marked;
  private StringData topic = StringData.fromString("");
  private int partition = -1;
  private Scanned scanned = new Scanned();

  /** The rows of one Kafka partition. */
  static final class Scanned {
    private final OffsetSet offsets = new OffsetSet();
    private final OffsetSet replayed = new OffsetSet();
    private long upToMark;

    void add(long offset, boolean upTo) {
      offsets.add(offset);
      if (upTo) {
        upToMark++;
      }
    }

    void replayed(long offset) {
      replayed.add(offset);
    }

    /** Of the records themselves. */
    OffsetSet offsets() {
      return offsets;
    }

    /** Of the rows of the quarantine that say of a record that it was replayed. */
    OffsetSet replayed() {
      return replayed;
    }

    long rows() {
      return offsets.rows() + replayed.rows();
    }

    /** Rows of commits up to the mark. */
    long upToMark() {
      return upToMark;
    }
  }

  private ScanOffsets(String newest, String mark, boolean replays) {
    this.newest = newest;
    this.mark = mark;
    this.replays = replays;
  }

  /**
   * Returns for each Kafka partition, {@code "topic-partition"}, its rows.
   *
   * @param newest rows of later commits are left out
   * @param mark rows of commits up to this one are counted for themselves
   */
  static SortedMap<String, Scanned> scan(
      Lakehouse lake, TableDefinition table, String newest, String mark, AuditProgress progress) {
    List<String> columns =
        new ArrayList<>(
            List.of(Lakehouse.COMMIT_INSTANT, Tables.TOPIC, Tables.PARTITION, Tables.OFFSET));
    boolean replays = table.columns().getFieldNames().contains(Tables.REPLAYED_AT);
    if (replays) {
      columns.add(Tables.REPLAYED_AT);
    }
    ScanOffsets scan = new ScanOffsets(newest, mark, replays);
    String what = "rows of " + table.qualifiedName();
    lake.read(
        table,
        columns,
        row -> {
          scan.add(row);
          if (scan.rows % BETWEEN_REPORTS == 0) {
            progress.read(what, scan.rows);
          }
        });
    progress.read(what, scan.rows);
    return scan.partitions;
  }

  private void add(RowData row) {
    StringData rowInstant = row.getString(0);
    if (!instant.equals(rowInstant)) {
      String text = rowInstant.toString();
      instant = StringData.fromString(text);
      counts = text.compareTo(newest) <= 0;
      marked = text.compareTo(mark) <= 0;
    }
    if (!counts) {
      return;
    }
    StringData rowTopic = row.getString(1);
    if (partition != row.getInt(2) || !topic.equals(rowTopic)) {
      topic = StringData.fromString(rowTopic.toString());
      partition = row.getInt(2);
      scanned = partitions.computeIfAbsent(topic + "-" + partition, any -> new Scanned());
    }
    if (replays && !row.isNullAt(4)) {
      scanned.replayed(row.getLong(3));
    } else {
      scanned.add(row.getLong(3), marked);
    }
    rows++;
  }
}
