package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.util.FlinkWriteClients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of every type that a table can have, in logs alone, in base files, and in both. */
class FileSlicesTest {
  private static final DataType COLUMNS =
      DataTypes.ROW(
              DataTypes.FIELD("id", DataTypes.STRING().notNull()),
              DataTypes.FIELD("region", DataTypes.STRING()),
              DataTypes.FIELD("tiny", DataTypes.TINYINT()),
              DataTypes.FIELD("small", DataTypes.SMALLINT()),
              DataTypes.FIELD("big", DataTypes.BIGINT()),
              DataTypes.FIELD("amount", DataTypes.DECIMAL(18, 4)),
              DataTypes.FIELD("ratio", DataTypes.DOUBLE()),
              DataTypes.FIELD("share", DataTypes.FLOAT()),
              DataTypes.FIELD("flag", DataTypes.BOOLEAN()),
              DataTypes.FIELD("bytes", DataTypes.BYTES()),
              DataTypes.FIELD("sold_on", DataTypes.DATE()),
              DataTypes.FIELD("opens", DataTypes.TIME(3)),
              DataTypes.FIELD("sold_at", DataTypes.TIMESTAMP(3)),
              DataTypes.FIELD("read_at", DataTypes.TIMESTAMP(6)),
              DataTypes.FIELD("texts", DataTypes.ARRAY(DataTypes.STRING())),
              DataTypes.FIELD(
                  "pair",
                  DataTypes.ROW(
                      DataTypes.FIELD("a", DataTypes.INT()),
                      DataTypes.FIELD("b", DataTypes.STRING()))),
              DataTypes.FIELD("counts", DataTypes.MAP(DataTypes.STRING(), DataTypes.INT())))
          .notNull();

  private static final TableDefinition TABLE =
      new TableDefinition(
          Layer.SILVER,
          "everything",
          (RowType) COLUMNS.getLogicalType(),
          List.of("id"),
          List.of("region"),
          Writing.CHANGELOG);

  private static final Row FULL =
      row(
          "full",
          "EU",
          (byte) -1,
          (short) 300,
          5L,
          new BigDecimal("-1.2345"),
          0.1,
          0.5f,
          true,
          new byte[] {1, 0, -1},
          LocalDate.of(1969, 12, 31),
          LocalTime.of(23, 59, 59, 999_000_000),
          LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6_000_000),
          LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6_007_000),
          new String[] {"", "a"},
          Row.of(1, "b"),
          Map.of("c", 2));

  /** What a reader may take for nothing. */
  private static final Row EMPTY =
      row(
          "empty,x:y",
          "",
          (byte) 0,
          (short) 0,
          0L,
          new BigDecimal("0.0000"),
          0.0,
          0f,
          false,
          new byte[0],
          LocalDate.EPOCH,
          LocalTime.MIDNIGHT,
          LocalDateTime.of(1970, 1, 1, 0, 0),
          LocalDateTime.of(1970, 1, 1, 0, 0),
          new String[0],
          Row.of(null, null),
          Map.of());

  private static final Row NULL =
      row(
          "null", null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null);

  private static final Map<String, String> OFTEN = Map.of("compaction.delta_commits", "2");

  private final DataStructureConverter<Object, Object> converter =
      DataStructureConverters.getConverter(COLUMNS);

  @TempDir Path folder;
  private String warehouse;
  private Writers writers;
  private long checkpoint;

  @BeforeEach
  void start() throws Exception {
    converter.open(FileSlicesTest.class.getClassLoader());
    warehouse = folder.resolve("lake").toUri().toString();
    writers = new Writers(warehouse, TABLE, "a", Writers.PATIENCE, Writers.HUDI, OFTEN).start(1);
  }

  @AfterEach
  void stop() throws Exception {
    writers.close();
  }

  @Test
  void rowsAreThoseOfTheirChangesWhateverFilesTheyAreIn() throws Exception {
    // Given logs alone
    change(RowKind.INSERT, FULL, EMPTY, NULL, named("gone,x:y"), named("changed"));
    String first = latest();
    change(RowKind.DELETE, named("gone,x:y"));

    // Then
    assertThat(read(latest())).containsExactlyInAnyOrder(FULL, EMPTY, NULL, named("changed"));

    // When they are compacted
    TableOnDisk table = new TableOnDisk(warehouse, TABLE);
    CompactTable.run(writers.conf(), table.plannedCompactions().get(0));

    // Then
    assertThat(read(latest())).containsExactlyInAnyOrder(FULL, EMPTY, NULL, named("changed"));
    assertThat(read(first)).hasSize(5);

    // When logs come behind the base files
    Row other = named("changed");
    other.setField(4, 77L);
    change(RowKind.UPDATE_BEFORE, named("changed"));
    change(RowKind.UPDATE_AFTER, other);
    String then = latest();
    change(RowKind.DELETE, EMPTY);
    change(RowKind.INSERT, named("new"));

    // Then
    assertThat(read(then)).containsExactlyInAnyOrder(FULL, EMPTY, NULL, other);
    assertThat(read(latest())).containsExactlyInAnyOrder(FULL, NULL, other, named("new"));
  }

  @Test
  void aStateWhoseFilesAreCleanedIsReadFromTheCompactionThatTookTheirPlace() throws Exception {
    // Given
    change(RowKind.INSERT, FULL);
    String first = latest();
    change(RowKind.INSERT, NULL);
    TableOnDisk table = new TableOnDisk(warehouse, TABLE);
    CompactTable.run(writers.conf(), table.plannedCompactions().get(0));
    clean();

    // Then
    assertThat(read(latest())).containsExactlyInAnyOrder(FULL, NULL);
    assertThatThrownBy(() -> read(first))
        .isInstanceOf(NotHeldException.class)
        .hasMessageContaining("have been cleaned");
  }

  /** Gold's tables keep no changelog. */
  @Test
  void aTableWithoutAChangelogIsReadAsABoundedStream() throws Exception {
    TableDefinition upsert =
        new TableDefinition(
            Layer.GOLD,
            "everything",
            TABLE.columns(),
            TABLE.key(),
            TABLE.partitionBy(),
            Writing.UPSERT);
    Lakehouse lakehouse = new Lakehouse(warehouse, "a");
    lakehouse.create(upsert);
    assertThat(collect(lakehouse::rows, upsert)).isEmpty();
    writers.close();
    writers = new Writers(warehouse, upsert, "a", Writers.PATIENCE, Writers.HUDI, OFTEN).start(1);

    // Given logs alone
    change(RowKind.INSERT, FULL, EMPTY, NULL, named("gone"));
    String first = CommitLog.latest(warehouse, upsert).orElseThrow().instant();
    change(RowKind.DELETE, named("gone"));

    // Then
    assertThat(collect(lakehouse::rows, upsert)).containsExactlyInAnyOrder(FULL, EMPTY, NULL);

    // When they are compacted, and logs come behind the base files
    TableOnDisk table = new TableOnDisk(warehouse, upsert);
    assertThat(table.plannedCompactions()).hasSize(1);
    assertThat(TableFiles.of(warehouse, upsert).log()).isGreaterThan(1);
    CompactTable.run(writers.conf(), table.plannedCompactions().get(0));
    Row other = named("full");
    other.setField(4, 77L);
    change(RowKind.UPDATE_AFTER, other);
    change(RowKind.DELETE, NULL);

    // Then
    assertThat(TableFiles.of(warehouse, upsert).base()).isGreaterThan(1);
    assertThat(collect(lakehouse::rows, upsert)).containsExactlyInAnyOrder(other, EMPTY);
    assertThat(collect((env, of) -> lakehouse.rowsAsOf(env, of, first), upsert))
        .containsExactlyInAnyOrder(FULL, EMPTY, NULL, named("gone"));
  }

  private List<Row> collect(
      BiFunction<StreamExecutionEnvironment, TableDefinition, DataStream<RowData>> read,
      TableDefinition table)
      throws Exception {
    List<Row> rows = new ArrayList<>();
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    env.setRuntimeMode(RuntimeExecutionMode.BATCH);
    try (CloseableIterator<RowData> results = read.apply(env, table).executeAndCollect()) {
      results.forEachRemaining(row -> rows.add((Row) converter.toExternal(row)));
    }
    return rows;
  }

  private void clean() throws Exception {
    Configuration soon = new Configuration(writers.conf());
    soon.setString("clean.policy", "KEEP_LATEST_FILE_VERSIONS");
    soon.setString("clean.retain_file_versions", "1");
    try (HoodieFlinkWriteClient<?> client = FlinkWriteClients.createWriteClient(soon)) {
      client.clean();
    }
  }

  private List<Row> read(String instant) throws Exception {
    HudiTable hudi = new HudiTable(TABLE, warehouse);
    FileSlices slices = new FileSlices(TABLE, hudi.reading());
    List<Row> rows = new ArrayList<>();
    for (CommittedFile slice : FileSlices.asOf(hudi, instant)) {
      slices.read(slice, row -> rows.add((Row) converter.toExternal(row)));
    }
    return rows;
  }

  private void change(RowKind kind, Row... rows) throws Exception {
    for (Row row : rows) {
      RowData change = (RowData) converter.toInternal(row);
      change.setRowKind(kind);
      writers.change(change);
    }
    writers.checkpoint(++checkpoint);
  }

  private String latest() {
    return CommitLog.latest(warehouse, TABLE).orElseThrow().instant();
  }

  private static Row named(String id) {
    Row row = Row.copy(FULL);
    row.setField(0, id);
    return row;
  }

  private static Row row(Object... fields) {
    return Row.of(fields);
  }
}
