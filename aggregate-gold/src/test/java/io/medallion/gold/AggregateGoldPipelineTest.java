package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.testing.DrawnJob;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AggregateGoldPipelineTest {
  private static final PipelineDefinition PIPELINE =
      PipelineFolder.load(
          Path.of("../pipelines/transactions").toString(),
          Map.of("KAFKA_BOOTSTRAP_SERVERS", "x:1"));

  @TempDir Path folder;
  private DrawnJob job;

  @BeforeEach
  void draw() throws Exception {
    job = new DrawnJob(AggregateGoldJob.JOB, PIPELINE, folder);
  }

  /** They are part of the state's format: a savepoint knows its operators by them. */
  @Test
  void theUidsOfAllOperatorsStayTheSame() {
    assertThat(job.uids())
        .containsExactlyInAnyOrder(
            "poll silver.transactions",
            "plan reads of silver.transactions",
            "read silver.transactions",
            "report input",
            "to sql",
            "sql daily_revenue 6 anonymous",
            "sql daily_revenue 5 Calc",
            "sql daily_revenue 3 GroupAggregate",
            "sql daily_revenue 2 Calc",
            "sql daily_revenue 1 ConstraintEnforcer",
            "sql daily_revenue 0 TableToDataSteam",
            "from sql daily_revenue",
            "keep last daily_revenue",
            "to-records gold.daily_revenue",
            "write gold.daily_revenue",
            "commit gold.daily_revenue",
            "compact gold.daily_revenue",
            "clean gold.daily_revenue");
  }

  /** What Flink's web UI shows of it. */
  @Test
  void theTasksSayWhatTheyDo() {
    assertThat(job.tasks())
        .containsExactlyInAnyOrder(
            "Source: poll silver.transactions -> plan reads of silver.transactions",
            "read silver.transactions -> report input -> to sql -> sql daily_revenue 6 input -> sql daily_revenue 5 Calc",
            "sql daily_revenue 3 GroupAggregate -> sql daily_revenue 2 Calc -> sql daily_revenue 1 ConstraintEnforcer -> sql daily_revenue 0 output -> from sql daily_revenue",
            "keep last daily_revenue -> to-records gold.daily_revenue",
            "write gold.daily_revenue",
            "commit gold.daily_revenue",
            "compact gold.daily_revenue -> clean gold.daily_revenue");
  }

  /** Hudi's records, and outputs that carry nothing. */
  @Test
  void kryoCarriesOnlyWhatHudiMakes() {
    assertThat(job.emittingWithKryo())
        .containsExactlyInAnyOrder(
            "to-records gold.daily_revenue",
            "commit gold.daily_revenue",
            "compact gold.daily_revenue");
  }
}
