package io.medallion.gold;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.bronze.IngestBronzeJob;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.silver.RefineSilverJob;
import io.medallion.testing.Broker;
import io.medallion.testing.Drained;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second pipeline, with real events of another shape; no class knows it. */
class EarthquakesIT {
  private static final Path PIPELINE = Path.of("../pipelines/earthquakes");
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

  @TempDir Path folder;

  @Test
  void aWeekOfEarthquakesGivesTheExpectedGoldBeforeAndAfterItsReviews() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker.createTopic("earthquakes", 2);
      PipelineDefinition pipeline =
          PipelineFolder.load(
              PIPELINE.toString(), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.address()));
      flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      flink.submit(RefineSilverJob.JOB, pipeline, warehouse);
      flink.submit(AggregateGoldJob.JOB, pipeline, warehouse);
      HudiReader reader = new HudiReader(warehouse);

      int events = send(broker, "earthquakes.jsonl");
      Drained.intoGold(warehouse, pipeline, events);
      assertGold(reader, "before-reviews");
      assertThat(reader.query("SELECT COUNT(*) FROM silver.earthquakes"))
          .containsExactly(Row.of(1_707L));

      int reviews = send(broker, "reviews.jsonl");
      Drained.intoGold(warehouse, pipeline, events + reviews);
      assertGold(reader, "after-reviews");
      assertThat(reader.query("SELECT COUNT(*) FROM silver.earthquakes"))
          .containsExactly(Row.of(1_707L));
      assertThat(reader.query("SELECT COUNT(*) FROM silver.earthquakes_quarantine"))
          .containsExactly(Row.of(0L));
    }
  }

  private static int send(Broker broker, String file) throws IOException {
    List<String> lines = Files.readAllLines(PIPELINE.resolve("data").resolve(file));
    lines.forEach(
        line ->
            broker.sendLater(
                new ProducerRecord<>("earthquakes", null, line.getBytes(StandardCharsets.UTF_8))));
    broker.flush();
    return lines.size();
  }

  private static void assertGold(HudiReader reader, String expected) throws IOException {
    for (String table : List.of("quakes_by_day_and_magnitude", "quakes_by_network")) {
      List<String> lines =
          Files.readAllLines(
              PIPELINE.resolve("expected").resolve(expected).resolve(table + ".csv"));
      assertThat(reader.query("SELECT " + lines.get(0) + " FROM gold." + table))
          .extracting(EarthquakesIT::csv)
          .containsExactlyInAnyOrderElementsOf(lines.subList(1, lines.size()));
    }
  }

  private static String csv(Row row) {
    return IntStream.range(0, row.getArity())
        .mapToObj(row::getField)
        .map(
            value ->
                value == null
                    ? ""
                    : value instanceof LocalDateTime time
                        ? TIMESTAMP.format(time)
                        : value.toString())
        .collect(Collectors.joining(","));
  }
}
