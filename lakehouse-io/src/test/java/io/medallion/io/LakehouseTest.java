package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakehouseTest {
  @TempDir Path folder;
  private String warehouse;
  private Lakehouse lakehouse;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
    lakehouse = new Lakehouse(warehouse, "numbers");
  }

  @Test
  void theFilesOfAnAppendTableAreThoseOfItsCommits() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(1)) {
      // Given
      TableOnDisk table = new TableOnDisk(warehouse, Numbers.BRONZE);
      job.read(0);
      job.checkpoint(1);
      Set<String> first = lakehouse.files(Numbers.BRONZE);
      job.read(1);
      job.checkpoint(2);
      job.read(0);
      job.flush(3);

      // When
      Set<String> files = lakehouse.files(Numbers.BRONZE);

      // Then
      assertThat(table.files()).hasSize(3);
      assertThat(relative(files, table)).isEqualTo(table.committedFiles()).hasSize(2);
      assertThat(files).containsAll(first);
      assertThat(rows(first)).containsExactly("0 0");
      assertThat(rows(files)).containsExactlyInAnyOrder("0 0", "1 0");
    }
  }

  @Test
  void aTableWithLogsHasNoFilesThatCanBeReadAlone() throws Exception {
    try (Writers writers = new Writers(warehouse, Numbers.SILVER, "a").start(1)) {
      // Given
      writers.report(
          new Progress(
              Map.of("bronze.numbers", new Span(0, 1)),
              Map.of(),
              Map.of(),
              Progress.NO_EVENT_TIME,
              Progress.NO_EVENT_TIME));
      writers.change(Numbers.change(RowKind.INSERT, "a", 1));
      writers.checkpoint(1);

      // Then
      assertThatThrownBy(() -> lakehouse.files(Numbers.SILVER))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("silver.numbers is not a table of base files alone: it has ");
    }
  }

  private static List<String> rows(Set<String> files) {
    List<String> rows = new ArrayList<>();
    Lakehouse.readFiles(
        Numbers.BRONZE,
        files,
        List.of("partition", "offset"),
        row -> rows.add(row.getInt(0) + " " + row.getLong(1)));
    return rows;
  }

  private static Set<String> relative(Set<String> files, TableOnDisk table) {
    return files.stream()
        .map(file -> table.folder().relativize(Path.of(URI.create(file))).toString())
        .collect(Collectors.toSet());
  }
}
