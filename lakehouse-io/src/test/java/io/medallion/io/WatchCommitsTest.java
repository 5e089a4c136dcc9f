package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchCommitsTest {
  @TempDir Path folder;
  private String warehouse;
  private WatchCommits watch;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
    watch = new WatchCommits(warehouse, Numbers.BRONZE, Duration.ofHours(1));
  }

  @Test
  void aTableThatIsNotThereHasNone() {
    assertThat(watch.look()).isEmpty();
    assertThat(TableFiles.of(warehouse, Numbers.BRONZE)).isEqualTo(new TableFiles(0, 0, 0, 0));
  }

  @Test
  void commitsAreSeenWithTheirFilesAndSinceWhenReadersSeeThem() throws Exception {
    try (CommitRows rows = new CommitRows(warehouse, Numbers.BRONZE)) {
      // Given
      assertThat(watch.look()).isEmpty();
      Instant before = Instant.now().minusMillis(1);
      String first = rows.commit(Progress.NONE, Numbers.record(0, 0), Numbers.record(0, 1));
      Instant after = Instant.now();

      // Then
      assertThat(watch.look()).extracting(Commit::instant).containsExactly(first);
      Commit commit = watch.look().get(0);
      assertThat(commit.visibleAt()).isBetween(before, after);
      assertThat(commit.checkpointInterval()).isEqualTo(Duration.ZERO);
      assertThat(watch.files(commit))
          .singleElement()
          .satisfies(file -> assertThat(Path.of(URI.create(file))).isNotEmptyFile());

      // When others commit too
      rows.commitForeign(Numbers.record(0, 2));
      String last = rows.commit(Progress.NONE, Numbers.record(0, 3));

      // Then
      assertThat(watch.look()).extracting(Commit::instant).containsExactly(first, last);
      TableFiles files = TableFiles.of(warehouse, Numbers.BRONZE);
      assertThat(files).isEqualTo(new TableFiles(3, 3, 0, files.bytes()));
      assertThat(files.bytes()).isEqualTo(bytes());
    }
  }

  @Test
  void whatWasSeenStaysForAWhileAlsoWhenItIsArchived() throws Exception {
    WatchCommits forgets = new WatchCommits(warehouse, Numbers.BRONZE, Duration.ZERO);
    try (CommitRows rows =
        new CommitRows(
            warehouse,
            Numbers.BRONZE,
            Map.of(
                "archive.min_commits", "2",
                "archive.max_commits", "3",
                // Hudi keeps what the next compaction might need.
                "compaction.delta_commits", "1",
                "clean.policy", "KEEP_LATEST_COMMITS",
                "clean.retain_commits", "1"))) {
      for (int i = 0; i < 9; i++) {
        rows.commit(Progress.NONE, Numbers.record(0, i));
        watch.look();
        forgets.look();
        rows.archive();
      }
    }
    int active = CommitLog.active(warehouse, Numbers.BRONZE).size();
    assertThat(active).isLessThan(5);

    // Then
    assertThat(watch.look()).hasSize(9);
    // The newest, however old it is.
    assertThat(forgets.look())
        .extracting(Commit::instant)
        .containsExactly(CommitLog.latest(warehouse, Numbers.BRONZE).orElseThrow().instant());
  }

  private long bytes() throws Exception {
    Path table = Path.of(URI.create(Numbers.BRONZE.path(warehouse)));
    try (var files = Files.walk(table)) {
      List<Path> data =
          files.filter(file -> file.getFileName().toString().endsWith(".parquet")).toList();
      long bytes = 0;
      for (Path file : data) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }
}
