package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  private static final Path FOLDER = Path.of("../pipelines/transactions");

  @TempDir Path folder;

  @Test
  void helpSaysWhatIsDrawnAndShowsExamples() {
    // When
    Ran ran = Ran.of(new ReportCommand(Map.of()), "--help");

    // Then
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(
            "--audit",
            "Default: 24 h.",
            "Exit codes: 0 done, 1 --audit found something (the page is written), 2 it could not be made.",
            "  medallion report --pipeline pipelines/transactions --warehouse file:///data/lake --out report.html");
  }

  @Test
  void aWarehouseWithoutTheTablesIsRefusedAndNoPageIsWritten() throws Exception {
    // When
    Ran ran = report(folder.resolve("report.html"));

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
  void aFileWithoutAFolderIsRefused() {
    // When
    Path page = folder.resolve("missing/report.html");
    Ran ran = report(page);

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            """
            The command cannot be used, 1 problem:
              - command line: --out: found %s, expected a file in a folder that is there. \
            Make the folder, or name another file.
            """
                .formatted(page));
    assertThat(report(folder).code()).isEqualTo(2);
  }

  @Test
  void aWindowWithoutTimeIsRefused() {
    // When
    Ran ran = report(folder.resolve("report.html"), "--window", "0s");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--window: found PT0S, expected a time longer than zero");
  }

  private Ran report(Path page, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--out", page.toString(), "--without-kafka"));
    return Ran.onTables(
        new ReportCommand(Map.of()),
        FOLDER,
        folder.toUri().toString(),
        arguments.toArray(String[]::new));
  }
}
