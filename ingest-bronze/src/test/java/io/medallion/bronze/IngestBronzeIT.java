package io.medallion.bronze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.schemas.Changes;
import io.medallion.schemas.Contract;
import io.medallion.schemas.PayloadFormat;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.SilverDefinition;
import io.medallion.schemas.SourceDefinition;
import io.medallion.schemas.SourceSystem;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.testing.Broker;
import io.medallion.testing.HudiReader;
import io.medallion.testing.LocalFlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestBronzeIT {
  @TempDir Path folder;

  @Test
  void everyRecordArrivesOnceAsItCameAcrossAStopAndALostTaskManager() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder);
        LocalFlink flink = new LocalFlink(folder, 2)) {
      broker.createTopic("events", 2);
      PipelineDefinition pipeline = pipeline(broker);
      TableDefinition bronze = Tables.bronze(pipeline);

      JobID first = flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      ProducerRecord<byte[], byte[]> tombstone =
          new ProducerRecord<>("events", 0, 1_700_000_000_000L, bytes("k"), (byte[]) null);
      tombstone.headers().add("trace", bytes("abc")).add("empty", null);
      broker.send(tombstone);
      broker.send(new ProducerRecord<>("events", 1, 1_700_000_001_000L, null, new byte[] {-1, 0}));
      awaitPosition(warehouse, bronze, Map.of("events-0", 1L, "events-1", 1L));

      String savepoint = flink.stop(first);
      IntStream.range(0, 500).forEach(i -> broker.send(record(i)));
      flink.resume(IngestBronzeJob.JOB, pipeline, warehouse, savepoint);
      awaitPosition(warehouse, bronze, Map.of("events-0", 251L, "events-1", 251L));
      flink.replaceTaskManager();
      IntStream.range(500, 1000).forEach(i -> broker.send(record(i)));
      awaitPosition(warehouse, bronze, Map.of("events-0", 501L, "events-1", 501L));

      HudiReader reader = new HudiReader(warehouse);
      assertThat(reader.databases()).contains("bronze");
      assertThat(
              reader.query(
                  "SELECT topic, `partition`, `offset`, `key`, payload, headers, _source_system,"
                      + " kafka_timestamp FROM bronze.events WHERE `offset` = CAST(0 AS BIGINT)"))
          .containsExactlyInAnyOrder(
              Row.of(
                  "events",
                  0,
                  0L,
                  bytes("k"),
                  null,
                  "[{\"name\":\"trace\",\"value\":\"YWJj\"},{\"name\":\"empty\",\"value\":null}]",
                  "erp",
                  java.time.LocalDateTime.parse("2023-11-14T22:13:20")),
              Row.of(
                  "events",
                  1,
                  0L,
                  null,
                  new byte[] {-1, 0},
                  null,
                  "erp",
                  java.time.LocalDateTime.parse("2023-11-14T22:13:21")));
      assertThat(
              reader.query(
                  "SELECT `partition`, COUNT(*), COUNT(DISTINCT `offset`), MIN(`offset`), MAX(`offset`)"
                      + " FROM bronze.events GROUP BY `partition`"))
          .containsExactlyInAnyOrder(
              Row.of(0, 501L, 501L, 0L, 500L), Row.of(1, 501L, 501L, 0L, 500L));
    }
  }

  private static void awaitPosition(
      String warehouse, TableDefinition bronze, Map<String, Long> position) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(CommitLog.latest(warehouse, bronze).map(Commit::progress))
                    .hasValueSatisfying(
                        progress -> assertThat(progress.nextByInput()).isEqualTo(position)));
  }

  private static ProducerRecord<byte[], byte[]> record(int i) {
    return new ProducerRecord<>("events", i % 2, bytes("key" + i), bytes("value" + i));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static PipelineDefinition pipeline(Broker broker) {
    RowType none = new RowType(List.of());
    return new PipelineDefinition(
        "events",
        Duration.ofSeconds(30),
        new SourceDefinition(
            List.of("events"),
            new Contract(
                "Event", org.apache.avro.SchemaBuilder.record("Event").fields().endRecord(), none),
            new PayloadFormat.Json(),
            new SourceSystem(SourceSystem.Kind.CONSTANT, "erp"),
            Map.of("bootstrap.servers", broker.address())),
        new SilverDefinition(
            "",
            none,
            List.of(),
            List.of(),
            "",
            false,
            Duration.ZERO,
            Changes.NONE,
            List.of(),
            List.of(),
            List.of()),
        List.of(),
        List.of());
  }
}
