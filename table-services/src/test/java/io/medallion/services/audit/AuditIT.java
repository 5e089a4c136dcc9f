package io.medallion.services.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.bronze.IngestBronzeJob;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.services.Ran;
import io.medallion.testing.Broker;
import io.medallion.testing.LocalFlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker with transactions, a real job, and the command. */
class AuditIT {
  private static final String FOLDER = "../pipelines/transactions";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void transactionsOfKafkaAreGapsUntilKafkaDeletesThem() throws Exception {
    String warehouse = folder.resolve("lake").toUri().toString();
    try (Broker broker = new Broker(folder)) {
      // Given 0 to 4 committed with a marker at 5, 6 to 8 aborted with one at 9, and 10
      broker.createTopic("transactions", 1);
      transactions(broker.address());
      broker.send(event(10));
      ingest(broker.address(), warehouse, 6);

      // When
      Ran clean = audit(broker.address(), warehouse, "--json");

      // Then
      assertThat(clean.err()).isEmpty();
      assertThat(clean.code()).isZero();
      JsonNode document = JSON.readTree(clean.out());
      assertThat(document.get("clean").booleanValue()).isTrue();
      JsonNode partition = document.get("partitions").get(0);
      assertThat(partition.get("partition").textValue()).isEqualTo("transactions-0");
      assertThat(partition.get("to").longValue()).isEqualTo(11);
      assertThat(partition.get("kafka-end").longValue()).isEqualTo(11);
      assertThat(partition.get("rows").longValue()).isEqualTo(6);
      assertThat(partition.get("kafka-gaps").longValue()).isEqualTo(5);
      assertThat(partition.get("missing").longValue()).isZero();
      assertThat(partition.get("not-refined").longValue()).isEqualTo(6);

      // When Kafka ends behind and begins after the first marker
      broker.send(event(11));
      delete(broker.address(), 6);
      Ran expired = audit(broker.address(), warehouse);

      // Then
      assertThat(expired.code()).isEqualTo(1);
      assertThat(expired.out().lines().filter(line -> line.startsWith("transactions-0 ")))
          .singleElement()
          .asString()
          .matches("transactions-0 +0 +11 +6 +1 +0 +4 +0 +0 +0 +0 +0 +0 +6 +1");
      assertThat(expired.out())
          .contains(
              "transactions-0: offset 5 is missing in bronze.transactions; Kafka does not have it any more and cannot tell whether it was a record.\n");
    }
  }

  @Test
  void aKafkaThatDoesNotAnswerIsSaidAndNeedNotBeAsked() {
    // Given
    String warehouse = folder.resolve("lake").toUri().toString();
    PipelineDefinition pipeline =
        PipelineFolder.load(FOLDER, Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"));
    new Lakehouse(warehouse, "transactions").create(Tables.bronze(pipeline));

    // When
    Ran ran = audit("127.0.0.1:1", warehouse);

    // Then
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .startsWith(
            "Kafka cannot be used, 1 problem:\n  - pipeline.yaml: source.kafka.bootstrap.servers: found 127.0.0.1:1, expected a Kafka broker that answers (TimeoutException: ")
        .endsWith(
            "Start the broker, or correct the address or the security settings; --without-kafka audits the tables alone.\n");

    // When
    Ran without =
        Ran.of(
            new AuditCommand(Map.of()),
            "--pipeline",
            FOLDER,
            "--warehouse",
            warehouse,
            "--without-kafka");

    // Then
    assertThat(without.code()).isZero();
    assertThat(without.out()).endsWith("Audit clean: 0 offsets, each in exactly one state.\n");
  }

  private static Ran audit(String servers, String warehouse, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--pipeline", FOLDER, "--warehouse", warehouse, "--bootstrap-servers", servers));
    arguments.addAll(List.of(more));
    return Ran.of(new AuditCommand(Map.of()), arguments.toArray(String[]::new));
  }

  private void ingest(String servers, String warehouse, long rows) throws Exception {
    PipelineDefinition pipeline =
        PipelineFolder.load(FOLDER, Map.of("KAFKA_BOOTSTRAP_SERVERS", servers));
    try (LocalFlink flink = new LocalFlink(folder, 1)) {
      JobID job = flink.submit(IngestBronzeJob.JOB, pipeline, warehouse);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  CommitLog.latest(warehouse, Tables.bronze(pipeline))
                          .map(commit -> commit.progress().counter(Progress.ROWS))
                          .orElse(0L)
                      >= rows);
      flink.stop(job);
    }
  }

  private static void transactions(String servers) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers, "transactional.id", "audit"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (int i = 0; i < 5; i++) {
        Future<?> unused = producer.send(event(i));
      }
      producer.commitTransaction();
      producer.beginTransaction();
      for (int i = 6; i < 9; i++) {
        Future<?> unused = producer.send(event(i));
      }
      producer.flush();
      producer.abortTransaction();
    }
  }

  private static void delete(String servers, long before) throws Exception {
    try (AdminClient admin =
        AdminClient.create(Map.<String, Object>of("bootstrap.servers", servers))) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition("transactions", 0), RecordsToDelete.beforeOffset(before)))
          .all()
          .get();
    }
  }

  private static ProducerRecord<byte[], byte[]> event(int number) {
    return new ProducerRecord<>(
        "transactions", 0, null, ("event " + number).getBytes(StandardCharsets.UTF_8));
  }
}
