package io.medallion.services.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.LosingGoldJob;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.services.Ran;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.LocalFlink;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real tables, and one row that silver took back and gold did not. */
class LostRetractionIT {
  private static final Path FOLDER = Path.of("../pipelines/transactions");
  private static final int FIRST_EVENTS = 200;
  private static final int EVENTS = 2_000;

  @TempDir Path folder;

  @Test
  void verifyFindsTheOneGroupThatCountsARowWhichSilverTookBack() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      // Given
      broker.createTopic("transactions", 2);
      PipelineDefinition pipeline =
          PipelineFolder.load(
              FOLDER.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
      flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      flink.submit(LosingGoldJob.JOB, pipeline, warehouse);

      // What gold begins with has nothing to take back.
      long sent = send(broker, 6, FIRST_EVENTS);
      Drained.intoGold(warehouse, pipeline, sent);

      // When
      sent += send(broker, 7, EVENTS);
      Drained.intoGold(warehouse, pipeline, sent);
      Ran verified =
          Ran.of(new VerifyCommand(), "--pipeline", FOLDER.toString(), "--warehouse", warehouse);

      // Then
      assertThat(verified.code()).isEqualTo(1);
      assertThat(verified.out())
          .containsPattern("gold.daily_revenue: gold lacks \\+I\\[")
          .containsPattern("gold.daily_revenue: gold has   \\+I\\[")
          .endsWith("Gold differs from its recomputation: 2 rows.\n");
    }
  }

  /** Returns how many there were. */
  private static long send(Broker broker, long seed, int events) throws Exception {
    try (SendEvents send =
        new SendEvents(
            Map.of("bootstrap.servers", broker.address()),
            "transactions",
            ProduceCommand.source(SampleFile.read(FOLDER), seed),
            SendEvents.UNLIMITED,
            events)) {
      send.run();
      return send.sent();
    }
  }
}
