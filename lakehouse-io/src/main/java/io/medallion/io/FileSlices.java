package io.medallion.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.io.InputFormat;
import org.apache.flink.core.io.InputSplit;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.InstantiationUtil;
import org.apache.hudi.table.format.mor.MergeOnReadInputSplit;

/** The file slices of a table as of one of its commits: listed in one task, read in others. */
final class FileSlices {
  private FileSlices() {}

  /**
   * Lists them.
   *
   * @throws NotHeldException if the table does not hold that state
   */
  static List<CommittedFile> asOf(HudiTable table, String instant) throws IOException {
    table.requireHeld(instant);
    List<CommittedFile> slices = new ArrayList<>();
    Optional<InputFormat<RowData, ?>> format = Lakehouse.format(table.asOf(instant));
    if (format.isPresent()) {
      for (InputSplit split : format.get().createInputSplits(1)) {
        slices.add(slice(instant, (MergeOnReadInputSplit) split));
      }
    }
    // What was cleaned while they were listed may be missing among them.
    table.requireHeld(instant);
    return slices;
  }

  private static CommittedFile slice(String instant, MergeOnReadInputSplit split)
      throws IOException {
    String path =
        split.getBasePath().isPresent()
            ? split.getBasePath().get()
            : split.getLogPaths().get().get(0);
    return new CommittedFile(
        instant, split.getFileId(), path, -1, false, InstantiationUtil.serializeObject(split));
  }

  /**
   * Reads one to its end.
   *
   * @param format {@link HudiTable#slices}
   * @param rows takes the table's columns, as inserts; the row is reused
   */
  static void read(
      InputFormat<RowData, MergeOnReadInputSplit> format,
      CommittedFile slice,
      Consumer<RowData> rows)
      throws IOException {
    format.open(split(slice));
    try {
      while (!format.reachedEnd()) {
        RowData row = format.nextRecord(null);
        // Others are of rows that the slice does not have any more.
        if (row.getRowKind() == RowKind.INSERT || row.getRowKind() == RowKind.UPDATE_AFTER) {
          row.setRowKind(RowKind.INSERT);
          rows.accept(row);
        }
      }
    } finally {
      format.close();
    }
  }

  private static MergeOnReadInputSplit split(CommittedFile slice) throws IOException {
    try {
      return InstantiationUtil.deserializeObject(slice.slice(), FileSlices.class.getClassLoader());
    } catch (ClassNotFoundException impossible) {
      throw new UncheckedIOException(new IOException(impossible));
    }
  }
}
