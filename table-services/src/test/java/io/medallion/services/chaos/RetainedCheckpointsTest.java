package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetainedCheckpointsTest {
  @TempDir private Path folder;

  @Test
  void completedCheckpointsComeInTheOrderOfTheirNumbers() throws IOException {
    complete("chk-9");
    complete("chk-10");
    Files.createDirectories(folder.resolve("job").resolve("chk-11"));
    Files.createDirectories(folder.resolve("job").resolve("shared"));

    assertThat(new RetainedCheckpoints(folder).of("job"))
        .containsExactly(
            folder.resolve("job").resolve("chk-9").toUri().toString(),
            folder.resolve("job").resolve("chk-10").toUri().toString());
  }

  @Test
  void aJobWithoutAFolderHasNone() {
    assertThat(new RetainedCheckpoints(folder).of("job")).isEmpty();
  }

  private void complete(String checkpoint) throws IOException {
    Files.createFile(
        Files.createDirectories(folder.resolve("job").resolve(checkpoint)).resolve("_metadata"));
  }
}
