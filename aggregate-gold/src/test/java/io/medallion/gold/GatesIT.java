package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Tables;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.LocalFlink;
import io.medallion.testing.PipelineCopy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatesIT {
  @TempDir Path folder;
  private long sent;

  @Test
  void aClosedGateStopsSilverBeforeItCommitsAndAnOpenOneLetsAllOfItThrough() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      // Given
      broker.createTopic("transactions", 2);
      PipelineDefinition strict = pipeline(broker, "20%");
      flink.submit(IngestBronzeJob.JOB, strict, warehouse);
      JobID silver = flink.submit(RefineSilverJob.JOB, strict, warehouse);
      send(broker, 60, "EU");
      awaitInput(warehouse, strict, 60);

      // When most events are bad
      send(broker, 60, "MARS");

      // Then the job ends, although it might restart, and has not committed them
      await().atMost(Duration.ofMinutes(1)).until(() -> flink.status(silver) == JobStatus.FAILED);
      assertThat(flink.failure(silver))
          .hasStackTraceContaining("Gate quarantined-share of pipeline transactions is closed: ")
          .hasStackTraceContaining("(quarantined by region is known ");
      assertThat(Drained.progress(warehouse, Tables.silver(strict)).counter(Progress.INPUT))
          .isBetween(60L, 60L + 60 - 1);

      // When the gate is opened
      PipelineDefinition open = pipeline(broker, "100%");
      flink.submit(RefineSilverJob.JOB, open, warehouse);

      // Then everything goes on
      awaitInput(warehouse, open, 120);
      Progress progress = Drained.progress(warehouse, Tables.silver(open));
      assertThat(progress.counter(Progress.ROWS)).isEqualTo(60);
      assertThat(progress.counter(Progress.QUARANTINED)).isEqualTo(60);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  Drained.progress(warehouse, Tables.quarantine(open)).counter(Progress.ROWS)
                      == 60);
    }
  }

  private static void awaitInput(String warehouse, PipelineDefinition pipeline, long events) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                Drained.progress(warehouse, Tables.silver(pipeline)).counter(Progress.INPUT)
                    == events);
  }

  /** The shipped pipeline with another gate. */
  private PipelineDefinition pipeline(Broker broker, String atMost) throws IOException {
    return PipelineCopy.in(folder)
        .change(
            "pipeline.yaml",
            "at-most: 20%, over: 1000 events",
            "at-most: " + atMost + ", over: 50 events")
        .load(broker);
  }

  private void send(Broker broker, int number, String region) throws Exception {
    for (int i = 0; i < number; i++) {
      String event =
          """
          {"transaction_id": "T%d", "update_type": "NEW", "customer_id": "c", "amount": 1.00,
           "product_category": "toys", "region": "%s", "timestamp": 1700006400000}
          """
              .formatted(sent, region);
      broker.send(
          new ProducerRecord<>(
              "transactions",
              (int) (sent % 2),
              "k".getBytes(StandardCharsets.UTF_8),
              event.getBytes(StandardCharsets.UTF_8)));
      sent++;
    }
  }
}
