package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.io.InputFormat;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputSplit;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

/**
 * The tables of one pipeline in one warehouse, as a job reads and writes them.
 *
 * @param warehouse the folder of all layers; any file system that Flink's Hadoop configuration
 *     knows
 * @param pipeline the pipeline's name, which every commit carries
 */
public record Lakehouse(String warehouse, String pipeline) {

  /** Creates the tables that do not exist yet. */
  public void create(TableDefinition... tables) {
    Arrays.stream(tables).forEach(table -> new HudiTable(table, warehouse).createIfMissing());
  }

  /**
   * Every change of a table from its first commit on, in the order of the commits for each key;
   * rows of an append table are inserts.
   *
   * @param into all tables that the job writes: they say where it goes on
   * @return the table's columns
   */
  public Input follow(
      StreamExecutionEnvironment env, TableDefinition table, List<TableDefinition> into) {
    return FollowTable.follow(env, new HudiTable(table, warehouse), into);
  }

  /**
   * Reads a table as it is now, row by row, in this process.
   *
   * @param rows takes the table's columns; the row is reused
   * @throws UncheckedIOException if the table cannot be read
   */
  public void read(TableDefinition table, Consumer<RowData> rows) {
    readSplits(new HudiTable(table, warehouse).snapshot().getInputFormat(), rows);
  }

  private static <S extends InputSplit> void readSplits(
      InputFormat<RowData, S> format, Consumer<RowData> rows) {
    try {
      format.configure(new Configuration());
      for (S split : format.createInputSplits(1)) {
        format.open(split);
        while (!format.reachedEnd()) {
          RowData row = format.nextRecord(null);
          if (row != null) {
            rows.accept(row);
          }
        }
        format.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read the table", failure);
    }
  }

  /**
   * Writes rows of an append table, or a changelog ordered by key of the others, with each
   * checkpoint one commit that carries what the job reports.
   *
   * @param rows the table's columns; an upsert table takes no {@code -U}
   * @param reports of the input, and of all operators that count for this table
   */
  @SafeVarargs
  public final void write(
      DataStream<RowData> rows, TableDefinition table, DataStream<Row>... reports) {
    WriteTable.write(rows, new HudiTable(table, warehouse), pipeline, reports);
  }
}
