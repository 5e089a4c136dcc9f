package io.medallion.services.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
  private static final Path FOLDER = Path.of("../pipelines/transactions");

  @TempDir Path folder;

  @Test
  void helpNamesStatesAndShowsExamples() {
    // When
    Ran ran = Ran.of(new StatusCommand(), "--help");

    // Then
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(
            "in this state or a worse one: idle, healthy, catching-up,",
            "medallion status --json --fail-on stalled --pipeline pipelines/transactions --warehouse s3://lake");
  }

  @Test
  void aWarehouseWithoutTheTablesIsRefusedAndLeftAlone() throws Exception {
    // When
    Ran ran = status("--fail-on", "catching-up");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .contains(
            "--warehouse: found ",
            "expected a warehouse with a commit of bronze.transactions",
            "start ingest-bronze.");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aWindowWithoutTimeIsRefused() {
    // When
    Ran ran = status("--window", "0s");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--window: found PT0S, expected a time longer than zero");
  }

  @Test
  void aStateThatThereIsNotIsRefused() {
    // When
    Ran ran = status("--fail-on", "slow");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--fail-on", "slow", "catching-up");
  }

  private Ran status(String... more) {
    String[] arguments = new String[more.length + 1];
    System.arraycopy(more, 0, arguments, 0, more.length);
    arguments[more.length] = "--without-kafka";
    return Ran.onTables(new StatusCommand(), FOLDER, folder.toString(), arguments);
  }
}
