package io.medallion.io;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.Problem;
import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.io.InputFormat;
import org.apache.flink.api.java.io.CollectionInputFormat;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputSplit;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.types.Row;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.exception.HoodieException;
import org.apache.hudi.table.HoodieTableSource;
import org.apache.hudi.table.format.mor.MergeOnReadInputSplit;

/** The tables of one pipeline in one warehouse, as a job reads and writes them. */
public final class Lakehouse {
  private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS");

  /** What Hudi's reader says of a table without files. */
  private static final String NO_FILES = "No files found for reading in user provided path.";

  /** Hudi's own column that names the commit a row came with; any table can be read with it. */
  public static final String COMMIT_INSTANT = "_hoodie_commit_time";

  private final String warehouse;
  private final String pipeline;
  private final Optional<WrittenTables> written;

  /**
   * @param warehouse the folder of all layers; any file system that Flink's Hadoop configuration
   *     knows
   * @param pipeline the pipeline's name, which every commit carries
   */
  public Lakehouse(String warehouse, String pipeline) {
    this(warehouse, pipeline, Optional.empty());
  }

  private Lakehouse(String warehouse, String pipeline, Optional<WrittenTables> written) {
    this.warehouse = warehouse;
    this.pipeline = pipeline;
    this.written = written;
  }

  /**
   * The same for one job that follows tables which it writes itself: their rows are relayed inside
   * the job as soon as it has read what the tables have already. Tables are to be written before
   * they are followed.
   */
  public Lakehouse fused() {
    return new Lakehouse(warehouse, pipeline, Optional.of(new WrittenTables()));
  }

  public String warehouse() {
    return warehouse;
  }

  /**
   * Creates the tables that do not exist yet.
   *
   * @throws InvalidConfigurationException if one that exists was made by another definition
   */
  public void create(TableDefinition... tables) {
    requireAsDefined(tables);
    Arrays.stream(tables).forEach(table -> new HudiTable(table, warehouse).createIfMissing());
  }

  /**
   * Compares columns, keys and partition columns of the tables that exist with their definitions.
   *
   * @throws InvalidConfigurationException if they differ
   */
  public void requireAsDefined(TableDefinition... tables) {
    List<Problem> problems =
        Arrays.stream(tables)
            .map(table -> CompareWithDefinition.problems(new HudiTable(table, warehouse)))
            .flatMap(List::stream)
            .toList();
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException("Pipeline " + pipeline, problems);
    }
  }

  /**
   * Every change of a table, in the order of the commits for each key; rows of an append table are
   * inserts. A job without a checkpoint begins with the rows of a table that keeps a changelog, as
   * inserts: as of where the tables that it writes stand, or of now. If the table does not hold
   * them as of then, it begins with the first commit; unless a table that it writes has {@link
   * FormerRows}, which could not be replaced in one commit then.
   *
   * @param others read likewise, so that the job's commits carry how far it has read each
   * @param into all tables that the job writes: they say where it goes on
   */
  public Followed follow(
      StreamExecutionEnvironment env,
      TableDefinition table,
      List<TableDefinition> others,
      List<TableDefinition> into) {
    return FollowTable.follow(
        env,
        new HudiTable(table, warehouse),
        others.stream().map(other -> new HudiTable(other, warehouse)).toList(),
        into,
        into.stream().anyMatch(target -> former(env, target).areThere()),
        relayed(table, into));
  }

  /**
   * The same of one table beside requests to the job: both before the same barriers, so that its
   * commits carry how far it has taken either.
   */
  public RequestedInput follow(
      StreamExecutionEnvironment env,
      TableDefinition table,
      Requests requests,
      List<TableDefinition> into) {
    return FollowTable.follow(
        env, new HudiTable(table, warehouse), requests, into, relayed(table, into));
  }

  private Optional<WrittenTables.Relayed> relayed(
      TableDefinition table, List<TableDefinition> into) {
    return written.flatMap(tables -> tables.follow(table, into));
  }

  /**
   * Reads a table as it is now, row by row, in this process.
   *
   * @param rows takes the table's columns; the row is reused
   * @throws UncheckedIOException if the table cannot be read
   */
  public void read(TableDefinition table, Consumer<RowData> rows) {
    readSplits(new HudiTable(table, warehouse).snapshot(), table.columns(), rows);
  }

  /**
   * Reads some columns of a table as it is now; what is not named is not read from the files.
   *
   * @param columns names of the table's columns, or {@link #COMMIT_INSTANT}
   * @param rows takes these columns in this order; the row is reused
   * @throws UncheckedIOException if the table cannot be read
   */
  public void read(TableDefinition table, List<String> columns, Consumer<RowData> rows) {
    TableDefinition withInstant = withCommitInstant(table);
    readColumns(new HudiTable(withInstant, warehouse).snapshot(), withInstant, columns, rows);
  }

  /**
   * The same of a table as it was after one of its commits; later commits are left out.
   *
   * @throws NotHeldException if the table does not hold that state, or not until it is read
   */
  public void readAsOf(
      TableDefinition table, String instant, List<String> columns, Consumer<RowData> rows) {
    TableDefinition withInstant = withCommitInstant(table);
    HudiTable hudi = new HudiTable(withInstant, warehouse);
    hudi.requireHeld(instant);
    readColumns(hudi.asOf(instant), withInstant, columns, rows);
    hudi.requireHeld(instant);
  }

  /**
   * Changes a table in one commit, which readers see whole or not at all; no job may be writing it.
   *
   * @param changes gives rows to insert or replace, and to delete
   * @param carries what the commit says of them
   * @throws IllegalStateException if it is not committed, as when a job writes the table
   */
  public void rewrite(
      TableDefinition table, Consumer<Consumer<RowData>> changes, Progress carries) {
    try {
      new RewriteTable(new HudiTable(table, warehouse), pipeline, warehouse)
          .commit(changes, carries);
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not keep the changes of " + table, failure);
    }
  }

  /** What the job's first commit of a table has to take the place of. */
  public FormerRows former(StreamExecutionEnvironment env, TableDefinition table) {
    return new FormerRows(warehouse, table, env.getCheckpointConfig().getCheckpointTimeout());
  }

  /**
   * A bounded stream of the rows that a table has now, to the last field what was written, as
   * inserts. If it is written meanwhile, some of its files may be gone before they are read, which
   * fails.
   *
   * @throws UncheckedIOException if the table cannot be listed
   */
  public DataStream<RowData> rows(StreamExecutionEnvironment env, TableDefinition table) {
    HudiTable hudi = new HudiTable(table, warehouse);
    try {
      return ReadSlices.read(env, hudi, FileSlices.now(hudi));
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not list the files of " + table, failure);
    }
  }

  /**
   * The same of a table as it was after one of its commits; after they are read, ask {@link
   * #requireHeld} once more.
   *
   * @throws NotHeldException if the table does not hold that state
   * @throws UncheckedIOException if the table cannot be listed
   */
  public DataStream<RowData> rowsAsOf(
      StreamExecutionEnvironment env, TableDefinition table, String instant) {
    HudiTable hudi = new HudiTable(table, warehouse);
    try {
      return ReadSlices.read(env, hudi, FileSlices.asOf(hudi, instant));
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not list the files of " + table, failure);
    }
  }

  /**
   * Asks whether a table can be read as it was after one of its commits.
   *
   * @throws NotHeldException if it cannot
   */
  public void requireHeld(TableDefinition table, String instant) {
    new HudiTable(table, warehouse).requireHeld(instant);
  }

  /**
   * The files of an append table as it is now, each of which is written once and never changed.
   *
   * @throws UncheckedIOException if the table cannot be read
   */
  public Set<String> files(TableDefinition table) {
    Set<String> files = new HashSet<>();
    try {
      Optional<InputFormat<RowData, ?>> format = format(new HudiTable(table, warehouse).snapshot());
      if (format.isEmpty()) {
        return files;
      }
      format.get().configure(new Configuration());
      for (InputSplit split : format.get().createInputSplits(1)) {
        files.add(
            onlyBaseFile(split)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "%s is not a table of base files alone: it has %s"
                                .formatted(table.qualifiedName(), split))));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not list the files of the table", failure);
    }
    return files;
  }

  /**
   * Reads some columns of an append table as it is now, of rows that were written since some time;
   * some older ones may be among them.
   *
   * @param columns names of the table's columns, or {@link #COMMIT_INSTANT}
   * @param sinceMs epoch milliseconds
   * @param rows takes these columns in this order; the row is reused
   * @throws UncheckedIOException if the table cannot be read
   */
  public void readSince(
      TableDefinition table, List<String> columns, long sinceMs, Consumer<RowData> rows) {
    // An instant is of the time zone of who wrote it.
    String from =
        INSTANT.format(
            Instant.ofEpochMilli(Math.max(0, sinceMs - Duration.ofDays(2).toMillis()))
                .atOffset(ZoneOffset.UTC));
    List<String> files =
        files(table).stream()
            .filter(file -> FSUtils.getCommitTime(new Path(file).getName()).compareTo(from) >= 0)
            .toList();
    readFiles(table, files, columns, rows);
  }

  /**
   * Reads some columns of some {@linkplain #files files} of an append table.
   *
   * @param columns names of the table's columns, or {@link #COMMIT_INSTANT}
   * @param rows takes these columns in this order; the row is reused
   * @throws UncheckedIOException if a file cannot be read
   */
  public static void readFiles(
      TableDefinition table,
      Collection<String> files,
      List<String> columns,
      Consumer<RowData> rows) {
    BaseFiles baseFiles = new BaseFiles(types(withCommitInstant(table), columns));
    try {
      for (String file : files) {
        baseFiles.read(file, rows);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Could not read the files of the table", failure);
    }
  }

  private static void readColumns(
      HoodieTableSource source,
      TableDefinition table,
      List<String> columns,
      Consumer<RowData> rows) {
    source.applyProjection(
        columns.stream()
            .map(column -> new int[] {table.columns().getFieldIndex(column)})
            .toArray(int[][]::new));
    readSplits(source, types(table, columns), rows);
  }

  private static RowType types(TableDefinition table, List<String> columns) {
    return new RowType(
        columns.stream()
            .map(column -> table.columns().getFields().get(table.columns().getFieldIndex(column)))
            .toList());
  }

  private static TableDefinition withCommitInstant(TableDefinition table) {
    List<RowType.RowField> fields = new ArrayList<>();
    fields.add(new RowType.RowField(COMMIT_INSTANT, new VarCharType(VarCharType.MAX_LENGTH)));
    fields.addAll(table.columns().getFields());
    return new TableDefinition(
        table.layer(),
        table.name(),
        new RowType(false, fields),
        table.key(),
        table.partitionBy(),
        table.writing(),
        table.version(),
        table.fingerprint());
  }

  /** Empty when there is nothing to read, which Hudi says in two ways. */
  @SuppressWarnings("deprecation")
  static Optional<InputFormat<RowData, ?>> format(HoodieTableSource source) {
    try {
      InputFormat<RowData, ?> format = source.getInputFormat();
      return format instanceof CollectionInputFormat ? Optional.empty() : Optional.of(format);
    } catch (HoodieException failure) {
      if (NO_FILES.equals(failure.getMessage())) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /**
   * @param columns those that the source reads
   */
  private static void readSplits(
      HoodieTableSource source, RowType columns, Consumer<RowData> rows) {
    Optional<InputFormat<RowData, ?>> format = format(source);
    if (format.isPresent()) {
      readSplits(format.get(), columns, rows);
    }
  }

  private static <S extends InputSplit> void readSplits(
      InputFormat<RowData, S> format, RowType columns, Consumer<RowData> rows) {
    BaseFiles baseFiles = new BaseFiles(columns);
    try {
      format.configure(new Configuration());
      for (S split : format.createInputSplits(1)) {
        Optional<String> baseFile = onlyBaseFile(split);
        if (baseFile.isPresent()) {
          baseFiles.read(baseFile.get(), rows);
          continue;
        }
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

  /** The file of a split that is a whole base file and nothing else. */
  private static Optional<String> onlyBaseFile(InputSplit split) {
    return split instanceof MergeOnReadInputSplit files
            && files.getBasePath().isPresent()
            && files.getLogPaths().map(List::isEmpty).orElse(true)
            && !files.getInstantRange().isPresent()
        ? Optional.of(files.getBasePath().get())
        : Optional.empty();
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
    Optional<SingleOutputStreamOperator<Row>> by =
        WriteTable.write(
            rows,
            new HudiTable(table, warehouse),
            pipeline,
            written.map(tables -> tables.behind(table)).orElse(null),
            reports);
    by.ifPresent(writers -> written.ifPresent(tables -> tables.add(table, rows, writers)));
  }
}
