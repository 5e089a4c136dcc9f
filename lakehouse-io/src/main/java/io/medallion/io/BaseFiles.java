package io.medallion.io;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hudi.common.util.collection.ClosableIterator;
import org.apache.hudi.table.format.InternalSchemaManager;
import org.apache.hudi.table.format.RecordIterators;

/**
 * Some columns of single base files. Hudi's input format parses Hadoop's configuration anew for
 * each file, which takes longer than to read a small one.
 */
final class BaseFiles {
  private static final int BATCH = 2048;

  private final Configuration hadoop = HudiTable.hadoop();
  private final String[] names;
  private final DataType[] types;

  /**
   * @param columns to read, partition columns too: all are in the files
   */
  BaseFiles(RowType columns) {
    names = columns.getFieldNames().toArray(String[]::new);
    types =
        columns.getChildren().stream()
            .map(TypeConversions::fromLogicalToDataType)
            .toArray(DataType[]::new);
  }

  /**
   * Reads a file to its end.
   *
   * @param rows takes the columns; the row is reused
   * @return how many there were
   */
  long read(String path, Consumer<RowData> rows) throws IOException {
    long count = 0;
    try (ClosableIterator<RowData> file =
        RecordIterators.getParquetRecordIterator(
            InternalSchemaManager.DISABLED,
            true,
            true,
            hadoop,
            names,
            types,
            new LinkedHashMap<>(),
            IntStream.range(0, names.length).toArray(),
            BATCH,
            new Path(path),
            0,
            Long.MAX_VALUE,
            List.of())) {
      while (file.hasNext()) {
        rows.accept(file.next());
        count++;
      }
    }
    return count;
  }
}
