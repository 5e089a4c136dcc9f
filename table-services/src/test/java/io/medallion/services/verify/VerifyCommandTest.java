package io.medallion.services.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
  @TempDir Path folder;

  @Test
  void helpSaysWhatItComparesAndShowsExamples() {
    // When
    Ran ran = Ran.of(new VerifyCommand(), "--help");

    // Then
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(
            "Exit codes: 0 gold equals its recomputation, 1 it differs, 2 it could not be compared.",
            "  medallion verify --pipeline pipelines/transactions --warehouse file:///data/lake");
  }

  @Test
  void aWarehouseWithoutGoldIsRefusedAndLeftAlone() throws Exception {
    // Given
    String warehouse = folder.resolve("elsewhere").toString();

    // When
    Ran ran =
        Ran.of(
            new VerifyCommand(),
            "--pipeline",
            "../pipelines/earthquakes",
            "--warehouse",
            warehouse);

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .startsWith(
            "The warehouse cannot be used, 1 problem:\n  - command line: --warehouse: found "
                + warehouse
                + ", expected a warehouse with a commit of gold.")
        .endsWith("Correct the address or the pipeline, or start aggregate-gold.\n");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
