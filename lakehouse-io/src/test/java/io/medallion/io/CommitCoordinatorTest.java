package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitCoordinatorTest {
  @TempDir Path folder;
  private String warehouse;
  private TableOnDisk table;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
    table = new TableOnDisk(warehouse, Numbers.BRONZE);
  }

  @Test
  void aCompleteCheckpointIsOneCommitWithItsProgress() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.read(1);
      job.read(1);
      job.writers().report(new Progress(Map.of(), Map.of("rows", 3L), Map.of(), 10, 20));

      // When
      job.checkpoint(7);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 1 0", "t 1 1");
      assertThat(table.commits()).hasSize(1);
      Commit commit = table.latest();
      assertThat(commit.checkpointId()).isEqualTo(7);
      assertThat(commit.pipeline()).isEqualTo("numbers");
      assertThat(commit.job()).isEqualTo("a");
      assertThat(commit.progress())
          .isEqualTo(
              new Progress(
                  Map.of("t-0", new Span(0, 1), "t-1", new Span(0, 2)),
                  Map.of("rows", 3L),
                  Map.of(),
                  10,
                  20));
      assertThat(table.completed()).containsExactly(commit.instant());
      assertThat(table.pending()).isEmpty();
    }
  }

  @Test
  void writersGoOnWithANewInstantWhileTheLastOneIsPending() throws Exception {
    try (FromKafka job = new FromKafka(warehouse, "a").start(2)) {
      // Given
      job.read(0);
      job.flush(1);

      // When
      job.read(0);
      job.read(1);

      // Then
      assertThat(table.pending()).hasSize(2);
      assertThat(table.rows()).isEmpty();

      // When
      job.complete(1);
      job.checkpoint(2);

      // Then
      assertThat(table.rows()).containsExactly("t 0 0", "t 0 1", "t 1 0");
      assertThat(table.commits()).extracting(Commit::checkpointId).containsExactly(1L, 2L);
      assertThat(table.pending()).isEmpty();
    }
  }
}
