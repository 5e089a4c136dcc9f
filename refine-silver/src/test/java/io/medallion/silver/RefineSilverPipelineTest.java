package io.medallion.silver;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.testing.DrawnJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefineSilverPipelineTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));

  @TempDir Path folder;
  private DrawnJob job;

  @BeforeEach
  void draw() throws Exception {
    job = new DrawnJob(RefineSilverJob.JOB, PIPELINE, folder);
  }

  /** They are part of the state's format: a savepoint knows its operators by them. */
  @Test
  void theUidsOfAllOperatorsStayTheSame() {
    assertThat(job.uids())
        .containsExactlyInAnyOrder(
            "poll bronze.transactions",
            "plan reads of bronze.transactions",
            "read bronze.transactions",
            "decode events",
            "decode known events",
            "check gates",
            "replay quarantine",
            "merge by key",
            "to-records silver.transactions",
            "write silver.transactions",
            "commit silver.transactions",
            "compact silver.transactions",
            "clean silver.transactions",
            "count quarantined",
            "write silver.transactions_quarantine",
            "commit silver.transactions_quarantine");
  }

  /** What Flink's web UI shows of it. */
  @Test
  void theTasksSayWhatTheyDo() {
    assertThat(job.tasks())
        .containsExactlyInAnyOrder(
            "Source: poll bronze.transactions -> plan reads of bronze.transactions -> replay quarantine",
            "read bronze.transactions -> (decode events, decode known events)",
            "check gates",
            "merge by key -> to-records silver.transactions",
            "write silver.transactions",
            "commit silver.transactions",
            "compact silver.transactions -> clean silver.transactions",
            "count quarantined -> write silver.transactions_quarantine",
            "commit silver.transactions_quarantine");
  }

  /** Its state is another one, so a savepoint without a history is not taken for one with it. */
  @Test
  void aHistoryHasAnOperatorOfItsOwn() throws Exception {
    DrawnJob history =
        new DrawnJob(
            RefineSilverJob.JOB, Transactions.HISTORY, Files.createDirectory(folder.resolve("h")));

    assertThat(history.uids()).contains("keep history").doesNotContain("merge by key");
    assertThat(history.emittingWithKryo())
        .containsExactlyInAnyOrderElementsOf(job.emittingWithKryo());
  }

  /** Likewise a savepoint of keys that live for ever. */
  @Test
  void aLifetimeHasAnOperatorOfItsOwn() throws Exception {
    DrawnJob sealing =
        new DrawnJob(
            RefineSilverJob.JOB,
            Transactions.withLifetime(Duration.ofDays(90)),
            Files.createDirectory(folder.resolve("l")));

    assertThat(sealing.uids())
        .contains("merge by key with a lifetime", "quarantine sealed")
        .doesNotContain("merge by key");
  }

  /** Hudi's records, and outputs that carry nothing. */
  @Test
  void kryoCarriesOnlyWhatHudiMakes() {
    assertThat(job.emittingWithKryo())
        .containsExactlyInAnyOrder(
            "to-records silver.transactions",
            "commit silver.transactions",
            "compact silver.transactions");
  }
}
