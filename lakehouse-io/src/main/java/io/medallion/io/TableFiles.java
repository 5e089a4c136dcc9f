package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.List;
import org.apache.hudi.config.HoodieCompactionConfig;

/**
 * The files that a reader of a table as it is now opens.
 *
 * @param base base files
 * @param small those of them that are smaller than {@link #SMALL}
 * @param log log files, which a reader merges with their base file
 * @param bytes of all
 */
public record TableFiles(long base, long small, long log, long bytes) {
  /** Bytes below which Hudi itself calls a file small. */
  public static final long SMALL =
      Long.parseLong(HoodieCompactionConfig.PARQUET_SMALL_FILE_LIMIT.defaultValue());

  /** Those of a table that has none. */
  public static final TableFiles NONE = new TableFiles(0, 0, 0, 0);

  /** Lists them; none when the table does not exist. */
  public static TableFiles of(String warehouse, TableDefinition table) {
    return of(DataFile.list(warehouse, table));
  }

  /** Counts them. */
  public static TableFiles of(List<DataFile> files) {
    return new TableFiles(
        files.stream().filter(file -> !file.log()).count(),
        files.stream().filter(file -> !file.log() && file.bytes() < SMALL).count(),
        files.stream().filter(DataFile::log).count(),
        files.stream().mapToLong(DataFile::bytes).sum());
  }
}
