package io.medallion.silver;

import static io.medallion.silver.AvroPayloads.datum;
import static io.medallion.silver.AvroPayloads.record;
import static io.medallion.silver.AvroPayloads.registered;
import static io.medallion.silver.AvroPayloads.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.Tables;
import io.medallion.testing.OneSubtask;
import io.medallion.testing.SchemaRegistryProcess;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator that decodes events, with a real registry. */
class SchemaRegistryIT {
  private static final String AMOUNT =
      "{'type': 'bytes', 'logicalType': 'decimal', 'precision': 10, 'scale': 2}";

  /** The contract lacks {@code note}; {@code channel} is newer than what is written. */
  private static final Schema WRITER =
      schema(
          "{'type': 'record', 'name': 'Order', 'fields': [{'name': 'note', 'type': 'string'},"
              + " {'name': 'id', 'type': 'int'}, {'name': 'amount', 'type': "
              + AMOUNT
              + "}]}");

  private static final String CONTRACT =
      "{'type': 'record', 'name': 'Order', 'fields': [{'name': 'id', 'type': 'long'}, {'name': 'amount', 'type': "
          + AMOUNT
          + "}, {'name': 'channel', 'type': 'string', 'default': 'web'}]}";

  @TempDir private static Path folder;
  private static SchemaRegistryProcess registry;

  @BeforeAll
  static void start() throws IOException {
    registry = new SchemaRegistryProcess(Files.createDirectory(folder.resolve("registry")));
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @Test
  void anEventIsReadByTheSchemaThatItsIdNames() throws Exception {
    int id = registry.register("orders-value", WRITER);
    PipelineDefinition pipeline = pipeline(registry.url());
    try (OneSubtask subtask = decode(pipeline).start()) {
      // When
      subtask.send(bronze(0, registered(id, order("first", 7, 1250))));

      // Then
      assertThat(subtask.emittedTo(quarantine(pipeline))).isEmpty();
      assertThat(subtask.emitted())
          .extracting(row -> row.getField(7), row -> row.getField(8))
          .containsExactly(
              tuple("{\"note\":\"first\"}", Row.of(7L, new BigDecimal("12.50"), "web")));
    }
  }

  @Test
  void anIdThatIsRegisteredLateIsQuarantinedUntilThenAndReadAfterwards() throws Exception {
    int next =
        1 + registry.register("others-value", schema("{'type': 'fixed', 'name': 'X', 'size': 1}"));
    PipelineDefinition pipeline = pipeline(registry.url());
    byte[] payload = registered(next, datum(schema("'string'"), "late"));
    try (OneSubtask subtask = decode(pipeline).start()) {
      // Given
      subtask.send(bronze(0, payload));
      assertThat(subtask.emittedTo(quarantine(pipeline)))
          .extracting(row -> List.of((Object[]) row.getField(6)), row -> row.getField(7))
          .containsExactly(
              tuple(List.of("unknown-schema-id"), "the registry has no schema " + next));

      // When
      Schema late =
          schema(CONTRACT.replace("'name': 'id'", "'name': 'id', 'doc': 'registered late'"));
      assertThat(registry.register("late-value", late)).isEqualTo(next);
      byte[] order =
          registered(
              next, datum(late, record(late, "id", 8L, "amount", unscaled(99), "channel", "shop")));

      // Then
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                subtask.send(bronze(1, order));
                return !subtask.emitted().isEmpty();
              });
      subtask.send(bronze(2, order));
      assertThat(subtask.emitted())
          .extracting(row -> row.getField(8))
          .containsExactly(Row.of(8L, new BigDecimal("0.99"), "shop"));
    }
  }

  @Test
  void aSchemaOfAnotherTypeIsQuarantined() throws Exception {
    int id =
        registry.register(
            "json-value",
            Map.of(
                "schemaType",
                "JSON",
                "schema",
                "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"type\": \"object\"}"));
    PipelineDefinition pipeline = pipeline(registry.url());
    try (OneSubtask subtask = decode(pipeline).start()) {
      // When
      subtask.send(bronze(0, registered(id, new byte[] {0})));

      // Then
      assertThat(subtask.emittedTo(quarantine(pipeline)))
          .extracting(row -> List.of((Object[]) row.getField(6)), row -> row.getField(7))
          .containsExactly(
              tuple(
                  List.of("incompatible-schema"),
                  "schema " + id + " of the registry is of type JSON, not AVRO"));
    }
  }

  @Test
  void anAddressThatIsNotTheRegistrysStopsTheJob() throws Exception {
    String wrong = registry.url().replace("/apis/ccompat/v7", "/apis");
    try (OneSubtask subtask = decode(pipeline(wrong)).start()) {
      assertThatThrownBy(() -> subtask.send(bronze(0, registered(1, new byte[] {0}))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "The schema registry "
                  + wrong
                  + " answers with status 404, and not that there is no such schema when asked for schema 1."
                  + " Correct source.registry.url: the path before /schemas/ids belongs to it."
                  + " No event is lost: the job goes on from its last checkpoint.");
    }
  }

  @Test
  void aRegistryThatStoppedStopsTheJobAtTheFirstIdThatIsNew() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    SchemaRegistryProcess stopping = new SchemaRegistryProcess(other);
    PipelineDefinition pipeline = pipeline(stopping.url());
    try (OneSubtask subtask = decode(pipeline).start()) {
      // Given
      int id;
      try (stopping) {
        id = stopping.register("orders-value", WRITER);
        subtask.send(bronze(0, registered(id, order("a", 1, 1))));
      }

      // When
      subtask.send(bronze(1, registered(id, order("b", 2, 2))));

      // Then
      assertThat(subtask.emitted()).hasSize(2);
      assertThatThrownBy(() -> subtask.send(bronze(2, registered(id + 1, order("c", 3, 3)))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "The schema registry "
                  + stopping.url()
                  + " cannot be asked (java.net.ConnectException")
          .hasMessageEndingWith(
              ") when asked for schema "
                  + (id + 1)
                  + ". Start it, or correct source.registry.url."
                  + " No event is lost: the job goes on from its last checkpoint.");
    }
  }

  private static OneSubtask decode(PipelineDefinition pipeline) throws Exception {
    EventRow eventRow = new EventRow(pipeline);
    return OneSubtask.of(
        new DecodeEvents(pipeline, eventRow, new ReadEvent(pipeline, "file:///no/warehouse")),
        eventRow.rowType());
  }

  private static OutputTag<RowData> quarantine(PipelineDefinition pipeline) {
    return DecodeEvents.quarantined(Tables.quarantine(pipeline));
  }

  private static PipelineDefinition pipeline(String url) throws IOException {
    Path pipeline = Files.createTempDirectory(folder, "pipeline");
    Files.writeString(pipeline.resolve("order.avsc"), CONTRACT.replace('\'', '"'));
    Files.writeString(
        pipeline.resolve("silver.sql"), "SELECT id, amount, channel, id AS version FROM bronze");
    Files.writeString(
        pipeline.resolve("pipeline.yaml"),
        """
        pipeline: orders
        source:
          topics: [orders]
          format: avro-registry
          contract: order.avsc
          registry: { url: "${SCHEMA_REGISTRY_URL}" }
          kafka: { bootstrap.servers: x:1 }
        silver:
          query: silver.sql
          key: [id]
          order-by: version
        """);
    return PipelineFolder.load(pipeline.toString(), Map.of("SCHEMA_REGISTRY_URL", url));
  }

  private static byte[] order(String note, int id, int cents) {
    return datum(WRITER, record(WRITER, "note", note, "id", id, "amount", unscaled(cents)));
  }

  private static ByteBuffer unscaled(int value) {
    return ByteBuffer.wrap(BigDecimal.valueOf(value).unscaledValue().toByteArray());
  }

  private static RowData bronze(long offset, byte[] payload) {
    return GenericRowData.of(
        StringData.fromString("orders"),
        0,
        offset,
        TimestampData.fromEpochMillis(1_000 + offset),
        null,
        payload,
        null,
        TimestampData.fromEpochMillis(2_000),
        1L,
        StringData.fromString("orders"),
        StringData.fromString("1970-01-01"));
  }
}
