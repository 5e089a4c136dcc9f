package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));

  /** Creates a table, as every job does first. */
  private static final Job JOB =
      new Job(
          "refine",
          "table → table",
          false,
          (env, pipeline, lakehouse) -> lakehouse.create(Tables.bronze(pipeline)));

  @TempDir Path folder;

  @Test
  void aJobWithoutCheckpointsDoesNotStart() throws Exception {
    // Given
    Path lake = folder.resolve("lake");

    // When
    assertThatThrownBy(() -> define(new Configuration(), lake))
        // Then
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline transactions cannot be used, 1 problem:\n"
                + "  - Flink configuration: execution.checkpointing.interval: found nothing,"
                + " expected a duration, e.g. 10s: every commit is a checkpoint, without one"
                + " nothing is ever visible. Set it in the cluster's config.yaml (flink-conf has"
                + " one) or with -Dexecution.checkpointing.interval=10s.");
    assertThat(lake).doesNotExist();
  }

  @Test
  void aJobWhoseCheckpointsAreNotExactDoesNotStart() throws Exception {
    // Given
    Path lake = folder.resolve("lake");
    Configuration conf = checkpoints();
    conf.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.AT_LEAST_ONCE);

    // When
    assertThatThrownBy(() -> define(conf, lake))
        // Then
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline transactions cannot be used, 1 problem:\n"
                + "  - Flink configuration: execution.checkpointing.mode: found AT_LEAST_ONCE,"
                + " expected EXACTLY_ONCE: rows between two barriers would be written twice after"
                + " a failure. Remove the setting or set it to EXACTLY_ONCE.");
    assertThat(lake).doesNotExist();
  }

  @Test
  void aJobWhoseBarriersOvertakeRowsDoesNotStart() throws Exception {
    // Given
    Path lake = folder.resolve("lake");
    Configuration conf = checkpoints();
    conf.set(CheckpointingOptions.ENABLE_UNALIGNED, true);

    // When
    assertThatThrownBy(() -> define(conf, lake))
        // Then
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline transactions cannot be used, 1 problem:\n"
                + "  - Flink configuration: execution.checkpointing.unaligned.enabled: found true,"
                + " expected false: a barrier that overtakes rows would commit a place that they"
                + " have not come to. Remove the setting.");
    assertThat(lake).doesNotExist();
  }

  /** The jobs of a pipeline are submitted at the same time. */
  @Test
  void whatAnotherJobMakesMeanwhileStays() throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(checkpoints());
    for (int round = 0; round < 300; round++) {
      // Given
      Path lake = folder.resolve("lake" + round);
      CompletableFuture<Void> check =
          CompletableFuture.runAsync(
              () -> Preflight.check(env, PIPELINE, lake.toUri().toString(), false));

      // When
      Path made = Files.createDirectories(lake.resolve("bronze"));
      check.join();

      // Then
      assertThat(made).isDirectory();
      assertThat(lake).isDirectoryNotContaining("glob:**/.medallion-*");
    }
  }

  @Test
  void aWarehouseBelowAFileIsRefusedTogetherWithEverythingElse() throws Exception {
    // Given
    Path file = Files.writeString(folder.resolve("file"), "mine");
    Path lake = file.resolve("lake");

    // When
    assertThatThrownBy(() -> define(new Configuration(), lake))
        // Then
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline transactions cannot be used, 2 problems:\n"
                + "  - Flink configuration: execution.checkpointing.interval: found nothing,"
                + " expected a duration, e.g. 10s: every commit is a checkpoint, without one"
                + " nothing is ever visible. Set it in the cluster's config.yaml (flink-conf has"
                + " one) or with -Dexecution.checkpointing.interval=10s.\n"
                + "  - command line: --warehouse: found "
                + lake
                + ", expected a folder that can be written (FileAlreadyExistsException:"
                + " Destination exists and is not a directory: "
                + file
                + "). Check the address, the permissions, and that the file system's jar and"
                + " credentials are there.");
    assertThat(file).hasContent("mine");
    assertThat(folder).isDirectoryContaining("glob:**/file");
  }

  @Test
  void aWarehouseOnAFileSystemThatNobodyKnowsIsRefused() {
    assertThatThrownBy(
            () -> JOB.define(env(checkpoints()), PIPELINE, new Lakehouse("nosuch://lake", "t")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Pipeline transactions cannot be used, 1 problem:\n"
                + "  - command line: --warehouse: found nosuch://lake, expected a folder that can"
                + " be written (UnsupportedFileSystemException: No FileSystem for scheme"
                + " \"nosuch\"). Check the address, the permissions, and that the file system's"
                + " jar and credentials are there.");
  }

  @Test
  void theLookAtAGoodWarehouseLeavesNothingBehindButTheTables() throws Exception {
    // Given
    Path lake = folder.resolve("new/lake");

    // When
    define(checkpoints(), lake);

    // Then
    try (var found = Files.list(lake)) {
      assertThat(found.map(path -> path.getFileName().toString()).toList())
          .containsExactlyInAnyOrder("bronze", "default");
    }
  }

  private static void define(Configuration conf, Path lake) throws Exception {
    JOB.define(env(conf), PIPELINE, new Lakehouse(lake.toString(), PIPELINE.name()));
  }

  private static Configuration checkpoints() {
    Configuration conf = new Configuration();
    conf.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    return conf;
  }

  private static StreamExecutionEnvironment env(Configuration conf) {
    return StreamExecutionEnvironment.getExecutionEnvironment(conf);
  }
}
