package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys and partition values that mean something else in a record key, a path or a URL. */
class ToRecordsTest {
  private static final List<String> ODD =
      List.of(
          "/",
          "..",
          "../../x",
          "a/b",
          "a=b",
          "a:b",
          "a,b",
          "%",
          "%2F",
          "%25",
          "a b",
          "*?#\"'\\",
          "é",
          "日本",
          "\uD83D\uDE00",
          "null",
          "__null__",
          "__empty__",
          "__HIVE_DEFAULT_PARTITION__x",
          "x".repeat(240));

  @TempDir Path folder;
  private String warehouse;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
  }

  @Test
  void keysOfTwoColumnsThatLookAlikeAreRowsOfTheirOwn() throws Exception {
    TableDefinition table = table(List.of("a", "b"), List.of());
    try (Writers writers =
        new Writers(
                warehouse,
                table,
                "job",
                Writers.PATIENCE,
                Writers.HUDI,
                Map.of("compaction.delta_commits", "2"))
            .start(2)) {
      // Given
      List<List<String>> keys =
          List.of(
              List.of("x,b:y", "z"),
              List.of("x", "y,b:z"),
              List.of("", ""),
              List.of("%", ""),
              List.of("", "%"),
              List.of("__empty__", ""),
              List.of("__null__", "__empty__"),
              List.of("%25", "%2C"),
              List.of("%", ","));
      for (int i = 0; i < keys.size(); i++) {
        writers.change(row(RowKind.INSERT, keys.get(i).get(0), keys.get(i).get(1), "p", i));
      }
      writers.checkpoint(1);

      // When one of each two that look alike goes
      writers.change(row(RowKind.DELETE, "x", "y,b:z", "p", 1));
      writers.change(row(RowKind.DELETE, "%", "", "p", 3));
      writers.checkpoint(2);

      // Then
      List<String> rows =
          List.of(
              "0 x,b:y z",
              "2  ",
              "4  %",
              "5 __empty__ ",
              "6 __null__ __empty__",
              "7 %25 %2C",
              "8 % ,");
      assertThat(read(table, "n", "a", "b")).containsExactlyInAnyOrderElementsOf(rows);

      // When they are compacted
      TableOnDisk disk = new TableOnDisk(warehouse, table);
      CompactTable.run(writers.conf(), disk.plannedCompactions().get(0));

      // Then
      assertThat(read(table, "n", "a", "b")).containsExactlyInAnyOrderElementsOf(rows);
    }
  }

  @Test
  void aPartitionsValueNamesNoFolderOutsideTheTable() throws Exception {
    TableDefinition table = table(List.of("a"), List.of("region"));
    try (Writers writers = new Writers(warehouse, table, "job").start(2)) {
      // When
      for (String value : ODD) {
        writers.change(row(RowKind.INSERT, value, "b", value, 1));
      }
      writers.change(row(RowKind.INSERT, "", "b", "", 1));
      writers.checkpoint(1);

      // Then each is read as it was written, an empty one too
      List<String> rows = new ArrayList<>(ODD.stream().map(value -> value + " " + value).toList());
      rows.add(" ");
      assertThat(read(table, "a", "region")).containsExactlyInAnyOrderElementsOf(rows);

      // And by readers that know nothing of us
      assertThat(
              ReadTable.rows(
                  warehouse,
                  "SELECT a, region FROM lake.%s"
                      .formatted(table.qualifiedName().replace(".", ".`") + "`")))
          .containsExactlyInAnyOrderElementsOf(rows);

      // And there is one folder for each, in the table's
      Path path = folder.resolve("lake/silver/odd");
      try (Stream<Path> found = Files.list(path)) {
        assertThat(found.map(each -> each.getFileName().toString()))
            .hasSize(ODD.size() + 2)
            .allMatch(name -> name.startsWith("region=") || name.equals(".hoodie"));
      }
      try (Stream<Path> found = Files.walk(folder)) {
        assertThat(found.filter(Files::isRegularFile)).allMatch(file -> file.startsWith(path));
      }
    }
  }

  private List<String> read(TableDefinition table, String... columns) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
    env.setRuntimeMode(RuntimeExecutionMode.BATCH);
    List<String> rows = new ArrayList<>();
    try (CloseableIterator<RowData> results =
        new Lakehouse(warehouse, "job").rows(env, table).executeAndCollect()) {
      results.forEachRemaining(
          row ->
              rows.add(
                  String.join(
                      " ",
                      Stream.of(columns)
                          .map(table.columns()::getFieldIndex)
                          .map(
                              index ->
                                  String.valueOf(
                                      RowData.createFieldGetter(
                                              table.columns().getTypeAt(index), index)
                                          .getFieldOrNull(row)))
                          .toList())));
    }
    return rows;
  }

  private static TableDefinition table(List<String> key, List<String> partitionBy) {
    return new TableDefinition(
        Layer.SILVER,
        "odd",
        (RowType)
            DataTypes.ROW(
                    DataTypes.FIELD("a", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("b", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("region", DataTypes.STRING()),
                    DataTypes.FIELD("n", DataTypes.INT()))
                .notNull()
                .getLogicalType(),
        key,
        partitionBy,
        Writing.CHANGELOG);
  }

  private static RowData row(RowKind kind, String a, String b, String region, int n) {
    return GenericRowData.ofKind(
        kind, StringData.fromString(a), StringData.fromString(b), StringData.fromString(region), n);
  }
}
