package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.io.InputFormat;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputSplit;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.connector.source.ScanRuntimeProviderContext;
import org.apache.hudi.table.HoodieTableSource;

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
   * @return the table's columns
   */
  public DataStream<RowData> follow(StreamExecutionEnvironment env, TableDefinition table) {
    DataStreamScanProvider scan =
        (DataStreamScanProvider)
            new HudiTable(table, warehouse)
                .following(env.getParallelism())
                .getScanRuntimeProvider(ScanRuntimeProviderContext.INSTANCE);
    return scan.produceDataStream(name -> Optional.of(name), env);
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

  /**
   * Reads some columns of a table as it is now, row by row, in this process.
   *
   * @param rows takes the columns in the order they are asked for; the row is reused
   * @throws UncheckedIOException if the table cannot be read
   */
  public void read(TableDefinition table, List<String> columns, Consumer<RowData> rows) {
    HoodieTableSource source = new HudiTable(table, warehouse).snapshot();
    source.applyProjection(
        columns.stream()
            .map(column -> new int[] {table.columns().getFieldIndex(column)})
            .toArray(int[][]::new));
    readSplits(source.getInputFormat(), rows);
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
   * checkpoint one commit that carries the job's progress.
   *
   * @param rows the table's columns; an upsert table takes no {@code -U}
   */
  public void write(DataStream<RowData> rows, TableDefinition table) {
    WriteTable.write(rows, new HudiTable(table, warehouse), pipeline);
  }
}
