package io.medallion.bronze;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.testing.DrawnJob;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestBronzePipelineTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));

  @TempDir Path folder;
  private DrawnJob job;

  @BeforeEach
  void draw() throws Exception {
    job = new DrawnJob(IngestBronzeJob.JOB, PIPELINE, folder);
  }

  /** They are part of the state's format: a savepoint knows its operators by them. */
  @Test
  void theUidsOfAllOperatorsStayTheSame() {
    assertThat(job.uids())
        .containsExactlyInAnyOrder(
            "read kafka",
            "continue kafka",
            "stamp batch",
            "write bronze.transactions",
            "commit bronze.transactions");
  }

  /** What Flink's web UI shows of it. */
  @Test
  void theTasksSayWhatTheyDo() {
    assertThat(job.tasks())
        .containsExactlyInAnyOrder(
            "Source: read kafka -> continue kafka -> stamp batch -> write bronze.transactions",
            "commit bronze.transactions");
  }

  @Test
  void kryoCarriesNothing() {
    assertThat(job.emittingWithKryo()).isEmpty();
  }
}
