package io.medallion.silver;

import static io.medallion.silver.AvroPayloads.hex;
import static io.medallion.silver.AvroPayloads.registered;
import static io.medallion.silver.AvroPayloads.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.net.httpserver.HttpServer;
import io.medallion.schemas.Contract;
import io.medallion.schemas.ContractTypes;
import io.medallion.schemas.SchemaRegistry;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of every kind of answer; the answers of a real registry are SchemaRegistryIT's. */
class FindInRegistryTest {
  private static final Schema READER =
      schema("{'type': 'record', 'name': 'R', 'fields': [{'name': 'f', 'type': 'long'}]}");
  private static final Contract CONTRACT = new Contract("R", READER, ContractTypes.rowType(READER));
  private static final String NO_SUCH_SCHEMA =
      "{\"error_code\": 40403, \"message\": \"Schema not found\"}";
  private static final String INT =
      "{\"schema\": \"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":\\\"f\\\",\\\"type\\\":\\\"int\\\"}]}\"}";
  private static final Accepted SEVEN = new Accepted(GenericRowData.of(7L), null);

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String url;
  private volatile int status = 200;
  private volatile String answer = INT;

  /** The head of an answer comes, its body never does. */
  private volatile boolean stuck;

  @BeforeEach
  void anAnsweringServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          if (!stuck) {
            exchange.getResponseBody().write(body);
            exchange.close();
          }
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aSchemaIsAskedForOnceAndReadsEveryEventOfItsId() {
    DecodeAvro decode = decode(Duration.ofHours(1));

    assertThat(decode.decode(registered(258, hex("0E")))).isEqualTo(SEVEN);
    assertThat(decode.decode(registered(258, hex("0E")))).isEqualTo(SEVEN);
    assertThat(asked).containsExactly("/schemas/ids/258 null");
  }

  @Test
  void userAndPasswordGoAlong() {
    DecodeAvro decode =
        new DecodeAvro(
            new FindInRegistry(
                new AskRegistry(new SchemaRegistry(url + "/apis", "me", "hunter2")), CONTRACT));

    decode.decode(registered(1, hex("0E")));

    assertThat(asked).containsExactly("/apis/schemas/ids/1 Basic bWU6aHVudGVyMg==");
  }

  @Test
  void anIdThatIsNotThereIsNotAskedForAgainForAWhile() {
    status = 404;
    answer = NO_SUCH_SCHEMA;
    DecodeAvro decode = decode(Duration.ofHours(1));

    for (int i = 0; i < 3; i++) {
      assertThat(decode.decode(registered(5, hex("0E"))))
          .isEqualTo(new Rejected("unknown-schema-id", "the registry has no schema 5"));
    }
    assertThat(asked).containsExactly("/schemas/ids/5 null");
  }

  @Test
  void anIdThatIsRegisteredLateIsSeenWithoutARestart() {
    status = 404;
    answer = NO_SUCH_SCHEMA;
    DecodeAvro decode = decode(Duration.ZERO);
    assertThat(decode.decode(registered(5, hex("0E")))).isInstanceOf(Rejected.class);

    status = 200;
    answer = INT;

    assertThat(decode.decode(registered(5, hex("0E")))).isEqualTo(SEVEN);
  }

  @Test
  void anIdThatWasNotThereIsAskedForAtOnceWhenItIsForgotten() {
    DecodeAvro decode = decode(Duration.ofHours(1));
    assertThat(decode.decode(registered(4, hex("0E")))).isEqualTo(SEVEN);
    status = 404;
    answer = NO_SUCH_SCHEMA;
    assertThat(decode.decode(registered(5, hex("0E")))).isInstanceOf(Rejected.class);

    status = 200;
    answer = INT;
    decode.forgetUnknown();

    assertThat(decode.decode(registered(4, hex("0E")))).isEqualTo(SEVEN);
    assertThat(decode.decode(registered(5, hex("0E")))).isEqualTo(SEVEN);
    assertThat(asked)
        .containsExactly("/schemas/ids/4 null", "/schemas/ids/5 null", "/schemas/ids/5 null");
  }

  @ParameterizedTest
  @MethodSource
  void aSchemaThatReadsNoAvroIsIncompatibleAndNotAskedForAgain(String body, String reason) {
    answer = body;
    DecodeAvro decode = decode(Duration.ZERO);

    for (int i = 0; i < 2; i++) {
      assertThat(decode.decode(registered(5, hex("00"))))
          .isEqualTo(new Rejected("incompatible-schema", reason));
    }
    assertThat(asked).hasSize(1);
  }

  static Stream<Arguments> aSchemaThatReadsNoAvroIsIncompatibleAndNotAskedForAgain() {
    return Stream.of(
        arguments(
            "{\"schemaType\": \"PROTOBUF\", \"schema\": \"message R {}\"}",
            "schema 5 of the registry is of type PROTOBUF, not AVRO"),
        arguments(
            "{\"schema\": \"{}\", \"references\": [{\"name\": \"A\", \"subject\": \"a\", \"version\": 1}]}",
            "schema 5 of the registry refers to other schemas, which are not read"),
        arguments("{\"schema\": \"\\\"strin\\\"\"}", "schema 5 of the registry is no Avro schema"),
        arguments("{\"schema\": \"{\"}", "schema 5 of the registry is no Avro schema"),
        arguments(
            "{\"schema\": \"{\\\"type\\\": \\\"array\\\", \\\"items\\\": \\\"strin\\\"}\"}",
            "schema 5 of the registry is no Avro schema"),
        arguments(
            "{\"schema\": \"\\\"string\\\"\", \"references\": []}",
            "the event was written as string, which cannot be read as record R"));
  }

  @ParameterizedTest
  @MethodSource
  void whatIsNoAnswerAboutTheIdStopsTheJob(int status, String body, String message) {
    this.status = status;
    answer = body;

    assertThatThrownBy(() -> decode(Duration.ZERO).decode(registered(5, hex("0E"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The schema registry "
                + url
                + message
                + " No event is lost: the job goes on from its last checkpoint.");
  }

  static Stream<Arguments> whatIsNoAnswerAboutTheIdStopsTheJob() {
    String login =
        " Set source.registry.user and source.registry.password to a user that may read schemas.";
    String log = " See its log, or correct source.registry.url.";
    String path = " Correct source.registry.url: the path before /schemas/ids belongs to it.";
    String service = " Correct source.registry.url: it may be of another service.";
    return Stream.of(
        arguments(401, "", " refuses with status 401 when asked for schema 5." + login),
        arguments(403, "{}", " refuses with status 403 when asked for schema 5." + login),
        arguments(500, "{}", " answers with status 500 when asked for schema 5." + log),
        arguments(503, "<html>", " answers with status 503 when asked for schema 5." + log),
        arguments(302, "", " answers with status 302 when asked for schema 5." + log),
        arguments(
            404,
            "<html>not found</html>",
            " answers with status 404, and not that there is no such schema when asked for schema 5."
                + path),
        arguments(
            404,
            "{\"error_code\": 404}",
            " answers with status 404, and not that there is no such schema when asked for schema 5."
                + path),
        arguments(
            200,
            "<html>",
            " answers with something else than a schema when asked for schema 5." + service),
        arguments(
            200,
            "{}",
            " answers with something else than a schema when asked for schema 5." + service));
  }

  @Test
  void aRegistryThatIsNotThereStopsTheJobAndTheNextEventAsksAgain() {
    DecodeAvro decode = decode(Duration.ofHours(1));
    status = 500;
    assertThatThrownBy(() -> decode.decode(registered(5, hex("0E"))))
        .isInstanceOf(IllegalStateException.class);
    status = 200;
    assertThat(decode.decode(registered(5, hex("0E")))).isEqualTo(SEVEN);

    server.stop(0);

    assertThat(decode.decode(registered(5, hex("0E")))).isEqualTo(SEVEN);
    assertThatThrownBy(() -> decode.decode(registered(6, hex("0E"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "The schema registry " + url + " cannot be asked (java.net.ConnectException")
        .hasMessageEndingWith(
            ") when asked for schema 6. Start it, or correct source.registry.url."
                + " No event is lost: the job goes on from its last checkpoint.");
  }

  @Test
  void aRegistryThatDoesNotAnswerInTimeStopsTheJob() {
    stuck = true;

    assertThatThrownBy(() -> decode(Duration.ZERO).decode(registered(5, hex("0E"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The schema registry "
                + url
                + " does not answer within 10 s when asked for schema 5."
                + " See its log, or correct source.registry.url."
                + " No event is lost: the job goes on from its last checkpoint.");
  }

  @ParameterizedTest
  @MethodSource
  void aPayloadStartsWithAZeroByteAndAnId(byte[] payload, String reason) {
    assertThat(decode(Duration.ZERO).decode(payload))
        .isEqualTo(new Rejected("malformed-avro", reason));
    assertThat(asked).isEmpty();
  }

  static Stream<Arguments> aPayloadStartsWithAZeroByteAndAnId() {
    return Stream.of(
        arguments(hex(""), "empty: the payload has no bytes"),
        arguments(hex("7B 22"), "magic: the payload starts with 7B, expected 00"),
        arguments(hex("01"), "magic: the payload starts with 01, expected 00"),
        arguments(hex("00"), "truncated: the schema id at byte 1 takes 4 bytes, 0 are left"),
        arguments(
            hex("00 00 00 00"), "truncated: the schema id at byte 1 takes 4 bytes, 3 are left"));
  }

  @Test
  void damageBehindTheIdIsCountedFromTheStartOfThePayload() {
    assertThat(decode(Duration.ZERO).decode(registered(1, hex("80"))))
        .isEqualTo(
            new Rejected(
                "malformed-avro", "truncated: the payload ends within the number at byte 5"));
  }

  @Test
  void aDecoderTravelsToItsSubtask() throws IOException, ClassNotFoundException {
    DecodeAvro decode = decode(Duration.ZERO);
    decode.decode(registered(1, hex("0E")));

    DecodeAvro travelled = InstantiationUtil.clone(decode);

    assertThat(travelled.decode(registered(1, hex("0E")))).isEqualTo(SEVEN);
  }

  private DecodeAvro decode(Duration unknownFor) {
    return new DecodeAvro(
        new FindInRegistry(new AskRegistry(new SchemaRegistry(url, "", "")), CONTRACT, unknownFor));
  }
}
