package io.medallion.services.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.gold.AggregateGoldJob;
import io.medallion.io.Progress;
import io.medallion.io.ledger.Audit;
import io.medallion.io.ledger.AuditProgress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.sample.ProduceCommand;
import io.medallion.services.sample.SampleFile;
import io.medallion.services.sample.SendEvents;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped pipeline and its sample with a history, whose gold counts the current versions. */
class VerifyHistoryIT {
  private static final Path SHIPPED = Path.of("../pipelines/transactions");
  private static final int PER_SECOND = 400;
  private static final int EVENTS = 6_000;

  @TempDir Path folder;

  @Test
  void goldOfTheCurrentVersionsIsItsRecomputationAndEveryOffsetIsInOneState() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 1)) {
      // Given
      broker.createTopic("transactions", 2);
      PipelineDefinition pipeline = withHistory(broker);
      flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline, warehouse);

      // When
      try (SendEvents send =
          new SendEvents(
              Map.of("bootstrap.servers", broker.address()),
              "transactions",
              ProduceCommand.source(SampleFile.read(SHIPPED), 7),
              PER_SECOND,
              EVENTS)) {
        send.run();
        Drained.intoGold(warehouse, pipeline, send.sent());
      }

      // Then
      List<GoldCheck> checks = new VerifyGold(pipeline, warehouse).asCommitted(what -> {});
      assertThat(checks).hasSize(1);
      assertThat(checks.get(0).rows()).isGreaterThan(30);
      assertThat(checks.get(0).differing()).as("%s", checks.get(0).examples()).isZero();
      Progress silver = Drained.progress(warehouse, Tables.silver(pipeline));
      HudiReader reader = new HudiReader(warehouse);
      assertThat(
              reader.query(
                  "SELECT COUNT(*), COUNT(DISTINCT transaction_id) FROM silver.transactions"
                      + " WHERE is_current"))
          .satisfiesExactly(row -> assertThat(row.getField(0)).isEqualTo(row.getField(1)));
      assertThat(reader.query("SELECT COUNT(*) FROM silver.transactions WHERE NOT is_current"))
          .satisfiesExactly(row -> assertThat((long) row.getField(0)).isGreaterThan(50));
      assertThat(reader.query("SELECT COUNT(*) FROM silver.transactions"))
          .containsExactly(Row.of(silver.counter(Progress.ROWS)));
      assertThat(Audit.withoutKafka(pipeline, warehouse).run(AuditProgress.NONE).findings())
          .isEmpty();
    }
  }

  private PipelineDefinition withHistory(Broker broker) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("pipeline"));
    try (Stream<Path> files = Files.walk(SHIPPED)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(SHIPPED.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    replace(copy.resolve("pipeline.yaml"), "partition-by: [transaction_date]", "history: true");
    replace(copy.resolve("gold/daily_revenue.sql"), "FROM silver", "FROM silver WHERE is_current");
    return PipelineFolder.load(
        copy.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
  }

  private static void replace(Path file, String from, String to) throws IOException {
    String text = Files.readString(file, StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to), StandardCharsets.UTF_8);
  }
}
