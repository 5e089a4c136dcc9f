package io.medallion.services.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {
  private static final String FOLDER = "../pipelines/transactions";

  @TempDir Path folder;

  @Test
  void helpSaysWhatItReadsAndShowsExamples() {
    // When
    Ran ran = Ran.of(new AuditCommand(Map.of()), "--help");

    // Then
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(
            "--without-kafka",
            "Exit codes: 0 all adds up, 1 something is off and named, 2 it could not be asked.",
            "  medallion audit --pipeline pipelines/transactions --warehouse file:///data/lake");
  }

  @Test
  void kafkaCannotBeNamedAndLeftOut() {
    // When
    Ran ran =
        Ran.of(
            new AuditCommand(Map.of()),
            "--pipeline",
            FOLDER,
            "--warehouse",
            folder.toString(),
            "--without-kafka",
            "--bootstrap-servers",
            "k:1");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith(
            "Error: --bootstrap-servers=HOST:PORT[,...], --without-kafka are mutually exclusive");
  }

  @Test
  void aPipelineThatCannotBeUsedIsRefused() {
    // When the environment lacks what the pipeline names
    Ran ran =
        Ran.of(new AuditCommand(Map.of()), "--pipeline", FOLDER, "--warehouse", folder.toString());

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("${KAFKA_BOOTSTRAP_SERVERS}, which is not set");
  }

  @Test
  void aWarehouseWithoutTheTablesIsRefusedAndLeftAlone() throws Exception {
    // Given
    String warehouse = folder.resolve("elsewhere").toString();

    // When
    Ran ran =
        Ran.of(
            new AuditCommand(Map.of()),
            "--pipeline",
            FOLDER,
            "--warehouse",
            warehouse,
            "--without-kafka");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo(
            """
            The warehouse cannot be used, 1 problem:
              - command line: --warehouse: found %s, expected a warehouse with a table \
            bronze.transactions. Correct the address or the pipeline, or start ingest-bronze.
            """
                .formatted(warehouse));
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aTableThatCannotBeReadIsNoFinding() throws Exception {
    // Given a folder of Hudi's without its properties
    Files.createDirectories(folder.resolve("bronze/transactions/.hoodie"));

    // When
    Ran ran =
        Ran.of(
            new AuditCommand(Map.of()),
            "--pipeline",
            FOLDER,
            "--warehouse",
            folder.toString(),
            "--without-kafka");

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
  }
}
