package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitDurationsTest {
  @TempDir Path folder;
  private String warehouse;

  @BeforeEach
  void chooseWarehouse() {
    warehouse = folder.resolve("lake").toUri().toString();
  }

  @Test
  void aTableThatIsNotThereHasNone() {
    assertThat(CommitDurations.of(warehouse, Numbers.BRONZE)).isEmpty();
  }

  @Test
  void aCommitLastsFromTheFileThatOpensItToTheOneThatCompletesIt() throws Exception {
    try (CommitRows rows = new CommitRows(warehouse, Numbers.BRONZE)) {
      // Given
      String first = rows.commit(Progress.NONE, Numbers.record(0, 0));
      String second = rows.commit(Progress.NONE, Numbers.record(0, 1));
      openedBefore(first, Duration.ofMillis(7_250));
      openedBefore(second, Duration.ZERO);

      // When
      Map<String, Duration> durations = CommitDurations.of(warehouse, Numbers.BRONZE);

      // Then
      assertThat(durations)
          .isEqualTo(Map.of(first, Duration.ofMillis(7_250), second, Duration.ZERO));

      // When one is still open
      Files.delete(timeline().resolve(second + ".deltacommit"));

      // Then
      assertThat(CommitDurations.of(warehouse, Numbers.BRONZE)).containsOnlyKeys(first);
    }
  }

  private void openedBefore(String instant, Duration duration) throws Exception {
    FileTime completed = Files.getLastModifiedTime(timeline().resolve(instant + ".deltacommit"));
    Files.setLastModifiedTime(
        timeline().resolve(instant + ".deltacommit.requested"),
        FileTime.from(completed.toInstant().minus(duration)));
  }

  private Path timeline() {
    return Path.of(URI.create(Numbers.BRONZE.path(warehouse))).resolve(".hoodie");
  }
}
