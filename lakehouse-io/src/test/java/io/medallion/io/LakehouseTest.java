package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;
import org.apache.hudi.avro.model.HoodieCleanMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieInstant.State;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.table.timeline.TimelineMetadataUtils;
import org.apache.hudi.common.util.CleanerUtils;
import org.apache.hudi.common.util.Option;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void aTableThatWasMadeByAnotherDefinitionIsRefused() throws Exception {
    // Given
    try (CommitRows rows = new CommitRows(warehouse, Numbers.SILVER)) {
      lakehouse.create(Numbers.SILVER);
      rows.commit(Progress.NONE, Numbers.change(RowKind.INSERT, "a", 1));
      lakehouse.create(Numbers.SILVER);
    }
    TableDefinition other =
        new TableDefinition(
            Numbers.SILVER.layer(),
            Numbers.SILVER.name(),
            (RowType)
                DataTypes.ROW(
                        DataTypes.FIELD("id", DataTypes.STRING().notNull()),
                        DataTypes.FIELD("number", DataTypes.DOUBLE().notNull()),
                        DataTypes.FIELD("valid_from", DataTypes.BIGINT()))
                    .notNull()
                    .getLogicalType(),
            List.of("id", "number"),
            List.of(),
            Numbers.SILVER.writing());
    RowType columns = Numbers.SILVER.columns();
    TableDefinition turned =
        new TableDefinition(
            Numbers.SILVER.layer(),
            Numbers.SILVER.name(),
            new RowType(
                false,
                List.of(
                    columns.getFields().get(0),
                    columns.getFields().get(2),
                    columns.getFields().get(1))),
            Numbers.SILVER.key(),
            Numbers.SILVER.partitionBy(),
            Numbers.SILVER.writing());
    String remedy =
        " Jobs and readers know the table as it is: go back to that definition, or give the new one"
            + " a table of its own.";

    // Then
    assertThatThrownBy(() -> lakehouse.create(Numbers.BRONZE, other))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline numbers cannot be used, 3 problems:\n"
                + "  - table silver.numbers: columns: found number DOUBLE, valid_from BIGINT,"
                + " expected half STRING, number BIGINT, as the table was made."
                + remedy
                + "\n  - table silver.numbers: key: found id, number, expected id, as the table was made."
                + remedy
                + "\n  - table silver.numbers: partition columns: found nothing, expected half, as"
                + " the table was made."
                + remedy);
    assertThat(folder.resolve("lake/bronze")).doesNotExist();
    assertThatThrownBy(() -> lakehouse.create(turned))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline numbers cannot be used, 1 problem:\n"
                + "  - table silver.numbers: columns: found id STRING, number BIGINT, half STRING,"
                + " expected id STRING, half STRING, number BIGINT, as the table was made."
                + remedy);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTableWithCommitsAndNoRowsIsEmpty(boolean partitioned) throws Exception {
    TableDefinition table =
        new TableDefinition(
            Layer.SILVER,
            "numbers",
            Numbers.SILVER.columns(),
            Numbers.SILVER.key(),
            partitioned ? Numbers.SILVER.partitionBy() : List.of(),
            Writing.CHANGELOG);
    try (Writers writers = new Writers(warehouse, table, "a").start(1)) {
      // Given
      writers.report(
          new Progress(
              Map.of("bronze.numbers", new Span(0, 1)),
              Map.of(),
              Map.of(),
              Progress.NO_EVENT_TIME,
              Progress.NO_EVENT_TIME));
      writers.checkpoint(1);
      assertThat(CommitLog.latest(warehouse, table)).isPresent();

      // When
      List<String> rows = new ArrayList<>();
      lakehouse.read(table, row -> rows.add(row.toString()));
      lakehouse.read(table, List.of("id"), row -> rows.add(row.toString()));

      // Then
      assertThat(rows).isEmpty();
      assertThat(lakehouse.files(table)).isEmpty();
    }
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

  @Test
  void aStateIsReadAsItWasAndNotAtAllOnceItIsCleaned() throws Exception {
    try (CommitRows rows = new CommitRows(warehouse, Numbers.SILVER)) {
      // Given
      String first = rows.commit(Progress.NONE, Numbers.change(RowKind.INSERT, "a", 1));
      String second = rows.commit(Progress.NONE, Numbers.change(RowKind.INSERT, "b", 2));
      assertThat(idsAsOf(first)).containsExactly("a");
      assertThat(idsAsOf(second)).containsExactlyInAnyOrder("a", "b");

      // When
      recordClean(second);

      // Then
      assertThat(idsAsOf(second)).containsExactlyInAnyOrder("a", "b");
      assertThatThrownBy(() -> idsAsOf(first))
          .isInstanceOf(NotHeldException.class)
          .hasMessage(
              "silver.numbers cannot be read as of %s: files of before %s have been cleaned.",
              first, second);
      assertThatThrownBy(() -> idsAsOf("20200101000000000"))
          .isInstanceOf(NotHeldException.class)
          .hasMessage(
              "silver.numbers cannot be read as of 20200101000000000: that commit is not on its timeline any more.");
    }
  }

  private List<String> idsAsOf(String instant) {
    List<String> ids = new ArrayList<>();
    lakehouse.readAsOf(
        Numbers.SILVER, instant, List.of("id"), row -> ids.add(row.getString(0).toString()));
    return ids;
  }

  /** As a clean does at its end. */
  private void recordClean(String earliestRetained) throws IOException {
    HoodieTableMetaClient metaClient =
        HoodieTableMetaClient.builder()
            .setConf(HudiTable.hadoop())
            .setBasePath(Numbers.SILVER.path(warehouse))
            .build();
    String instant = HoodieActiveTimeline.createNewInstantTime();
    HoodieActiveTimeline timeline = metaClient.getActiveTimeline();
    HoodieInstant requested =
        new HoodieInstant(State.REQUESTED, HoodieTimeline.CLEAN_ACTION, instant);
    timeline.saveToCleanRequested(requested, Option.empty());
    timeline.transitionCleanInflightToComplete(
        timeline.transitionCleanRequestedToInflight(requested, Option.empty()),
        TimelineMetadataUtils.serializeCleanMetadata(
            new HoodieCleanMetadata(
                instant,
                1L,
                0,
                earliestRetained,
                earliestRetained,
                Map.of(),
                CleanerUtils.CLEAN_METADATA_VERSION_2,
                Map.of())));
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
