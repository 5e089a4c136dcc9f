package io.medallion.histories;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** The rows of bronze, by an index that says which reader reads it and as which of its records. */
final class ReadRecord implements GeneratorFunction<Long, RowData> {
  private static final long serialVersionUID = 1L;

  /** Indexes of each reader; those behind its records stand for nothing. */
  static final long INDEXES = 1_000_000_000;

  private static final int PARTITION = 1;
  private static final int NO_PARTITION = -1;

  private final List<List<Sent>> read;

  ReadRecord(List<List<Sent>> read) {
    this.read = read;
  }

  /** Whether the row is a record, and not one behind all records. */
  static boolean isRecord(RowData row) {
    return row.getInt(PARTITION) != NO_PARTITION;
  }

  @Override
  public RowData map(Long index) {
    List<Sent> records = read.get((int) (index / INDEXES));
    long position = index % INDEXES;
    return position < records.size()
        ? row(records.get((int) position))
        : row(new Sent(Said.invalid(0, List.of()), NO_PARTITION, 0, 0, null));
  }

  private static RowData row(Sent sent) {
    return GenericRowData.of(
        StringData.fromString(Sent.TOPIC),
        sent.partition(),
        sent.offset(),
        TimestampData.fromEpochMillis(sent.timestamp()),
        "key".getBytes(StandardCharsets.UTF_8),
        sent.bytes(),
        null,
        TimestampData.fromEpochMillis(sent.timestamp()),
        1L,
        StringData.fromString("drawn"),
        StringData.fromString("2020-01-01"));
  }
}
