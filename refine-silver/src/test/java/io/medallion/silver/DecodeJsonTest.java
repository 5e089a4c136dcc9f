package io.medallion.silver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.medallion.schemas.Contract;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeJsonTest {
  private final DecodeJson everyType = new DecodeJson(Contracts.EVERY_TYPE);

  @Test
  void anEventBecomesARowInTheOrderOfTheContract() {
    DecodedEvent event =
        everyType.decode(
            utf8(
                """
                {"items": [{"price": 1.5}, {"price": "2"}], "tags": ["x", "y", 3], "int": 1, "text": "Grüße 😀",
                 "flag": true, "long": 9223372036854775807, "float": 0.1, "double": 2.5e3, "amount": 12.5,
                 "bytes": "AP8=", "fixed": "AQI=", "kind": "B", "day": "2024-02-29", "time": "23:59:59.999",
                 "millis": 1704067200123, "micros": "2024-01-01T01:00:00.123456+01:00", "local": "2024-01-01T00:00:00",
                 "counts": {"a": 1, "b": null}, "address": {"zip": null, "city": "Ulm"}, "id": "1"}
                """));

    Map<StringData, Object> counts = new LinkedHashMap<>();
    counts.put(string("a"), 1);
    counts.put(string("b"), null);
    assertThat(event)
        .isEqualTo(
            new Accepted(
                GenericRowData.of(
                    string("1"),
                    string("Grüße 😀"),
                    true,
                    1,
                    Long.MAX_VALUE,
                    0.1f,
                    2500.0,
                    decimal("12.50"),
                    new byte[] {0, -1},
                    new byte[] {1, 2},
                    string("B"),
                    (int) LocalDate.of(2024, 2, 29).toEpochDay(),
                    86_399_999,
                    timestamp("2024-01-01T00:00:00.123Z"),
                    timestamp("2024-01-01T00:00:00.123456Z"),
                    timestamp("2024-01-01T00:00:00Z"),
                    new GenericArrayData(new Object[] {string("x"), string("y"), string("3")}),
                    new GenericMapData(counts),
                    GenericRowData.of(string("Ulm"), null),
                    new GenericArrayData(
                        new Object[] {GenericRowData.of(1.5), GenericRowData.of(2.0)})),
                null));
  }

  @Test
  void flinkSerializesTheRowAsTheContractsType() {
    Accepted event =
        (Accepted)
            everyType.decode(
                utf8(
                    """
                    {"id": "1", "amount": -0.01, "fixed": "AQI=", "micros": -1, "tags": [], "counts": {"a": 1},
                     "address": {"city": "Ulm"}, "items": [{"price": 0}]}
                    """));

    RowDataSerializer serializer = new RowDataSerializer(Contracts.EVERY_TYPE.rowType());

    assertThat(serializer.toBinaryRow(event.row()).getDecimal(7, 18, 2))
        .isEqualTo(decimal("-0.01"));
    assertThat(serializer.toBinaryRow(event.row()).getTimestamp(14, 6))
        .isEqualTo(timestamp("1969-12-31T23:59:59.999999Z"));
    assertThat(serializer.toBinaryRow(event.row()).getRow(18, 2).getString(0))
        .isEqualTo(string("Ulm"));
  }

  @Test
  void aMissingFieldTakesItsDefaultAndElseNull() {
    DecodedEvent event = new DecodeJson(Contracts.DEFAULTS).decode(utf8("{}"));

    assertThat(event)
        .isEqualTo(
            new Accepted(
                GenericRowData.of(
                    string("B"),
                    null,
                    7,
                    DecimalData.fromBigDecimal(new BigDecimal("2.56"), 4, 2),
                    timestamp("1969-12-31T23:59:59.999999Z"),
                    new GenericArrayData(new Object[] {string("x")}),
                    new GenericMapData(Map.of(string("a"), 1)),
                    GenericRowData.of(string("Ulm"))),
                null));
  }

  @Test
  void anExplicitNullIsNotReplacedByADefault() {
    DecodedEvent event = new DecodeJson(Contracts.DEFAULTS).decode(utf8("{\"count\": null}"));

    assertThat(((Accepted) event).row().isNullAt(2)).isTrue();
  }

  @Test
  void unknownFieldsAreRescuedWithTheirPathsAsTheyWereWritten() {
    DecodedEvent event =
        everyType.decode(
            utf8(
                """
                {"new": 1.50, "id": "1", "big": 1e5000000, "a.b": true, "nested": {"x": [1, {"y": null}], "z": "ü"},
                 "address": {"city": "Ulm", "street": "A"}, "items": [{"price": 1}, {"price": 2, "vat": 0.19}]}
                """));

    assertThat(((Accepted) event).rescued())
        .hasToString(
            """
            {"new":1.50,"big":1e5000000,"a\\\\.b":true,"nested":{"x":[1,{"y":null}],"z":"ü"},\
            "address.street":"A","items[1].vat":0.19}""");
  }

  @ParameterizedTest
  @MethodSource
  void aValueIsTakenWhenNothingGetsLost(String field, String json, Object expected) {
    DecodedEvent event =
        everyType.decode(utf8("{\"id\": \"1\", \"%s\": %s}".formatted(field, json)));

    GenericRowData row = new GenericRowData(Contracts.EVERY_TYPE.rowType().getFieldCount());
    row.setField(0, string("1"));
    row.setField(Contracts.EVERY_TYPE.rowType().getFieldIndex(field), expected);
    assertThat(event).isEqualTo(new Accepted(row, null));
  }

  static Stream<Arguments> aValueIsTakenWhenNothingGetsLost() {
    return Stream.of(
        arguments("text", "12.50", string("12.50")),
        arguments("text", "\"\"", string("")),
        arguments("text", "\"\\ud83d\\ude00 \\\\ud83d\"", string("😀 \\ud83d")),
        arguments("text", "\"\\u0000\"", string("\0")),
        arguments("flag", "false", false),
        arguments("int", "\"-2147483648\"", Integer.MIN_VALUE),
        arguments("int", "12.0", 12),
        arguments("int", "1e3", 1000),
        arguments("int", "-0.0", 0),
        arguments("long", "-9223372036854775808", Long.MIN_VALUE),
        arguments("long", "\"9223372036854775807\"", Long.MAX_VALUE),
        arguments("long", "0e5000000", 0L),
        arguments("float", "\"1.5\"", 1.5f),
        arguments("float", "-0.0", 0.0f),
        arguments("double", "-0.0", 0.0),
        arguments("double", "1e308", 1e308),
        arguments("double", "0e-400", 0.0),
        arguments("amount", "\"12.50\"", decimal("12.50")),
        arguments("amount", "12.500", decimal("12.50")),
        arguments("amount", "1.25e1", decimal("12.50")),
        arguments("amount", "-0.0", decimal("0.00")),
        arguments("amount", "9999999999999999.99", decimal("9999999999999999.99")),
        arguments("amount", "null", null),
        arguments("bytes", "\"\"", new byte[0]),
        arguments("day", "\"0001-01-01\"", -719_162),
        arguments("day", "\"9999-12-31\"", 2_932_896),
        arguments("day", "-1", -1),
        arguments("time", "0", 0),
        arguments("time", "\"00:01\"", 60_000),
        arguments("millis", "-1", timestamp("1969-12-31T23:59:59.999Z")),
        arguments("millis", "\"0001-01-01T00:00:00Z\"", timestamp("0001-01-01T00:00:00Z")),
        arguments("millis", "\"9999-12-31T23:59:59.999Z\"", timestamp("9999-12-31T23:59:59.999Z")),
        arguments(
            "millis", "\"2024-01-01T00:00:00.120000-05:00\"", timestamp("2024-01-01T05:00:00.12Z")),
        // Seconds where milliseconds are expected are a time of 1970: for a temporal rule to judge.
        arguments("millis", "1704067200", timestamp("1970-01-20T17:21:07.200Z")),
        arguments("micros", "-1", timestamp("1969-12-31T23:59:59.999999Z")),
        arguments("tags", "[]", new GenericArrayData(new Object[0])),
        arguments(
            "items",
            "[{\"price\": 1}]",
            new GenericArrayData(new Object[] {GenericRowData.of(1.0)})));
  }

  @ParameterizedTest
  @MethodSource
  void aValueThatDoesNotFitIsRejected(String field, String json, String rule, String reason) {
    DecodedEvent event =
        everyType.decode(utf8("{\"id\": \"1\", \"%s\": %s}".formatted(field, json)));

    assertThat(event).isEqualTo(new Rejected(rule, reason));
  }

  static Stream<Arguments> aValueThatDoesNotFitIsRejected() {
    String millis = "TIMESTAMP(3) as milliseconds since 1970 or ISO-8601 with offset";
    return Stream.of(
        type("text", "true", "text holds the JSON boolean true, expected STRING"),
        type("text", "{}", "text holds a JSON object, expected STRING"),
        type("flag", "\"true\"", "flag holds the JSON string \"true\", expected BOOLEAN"),
        type("flag", "1", "flag holds the JSON number 1, expected BOOLEAN"),
        type(
            "int",
            "2147483648",
            "int holds the JSON number 2147483648, expected INT: out of range"),
        type("int", "[1]", "int holds a JSON array, expected INT"),
        type("int", "\"\"", "int holds the JSON string \"\", expected INT"),
        type("int", "\" 1\"", "int holds the JSON string \" 1\", expected INT"),
        type("int", "\"٣\"", "int holds the JSON string \"٣\", expected INT"),
        type("int", "\"0x10\"", "int holds the JSON string \"0x10\", expected INT"),
        type("long", "1.5", "long holds the JSON number 1.5, expected BIGINT: has a fraction"),
        type(
            "long",
            "9223372036854775808",
            "long holds the JSON number 9223372036854775808, expected BIGINT: out of range"),
        type(
            "long",
            "-9223372036854775809",
            "long holds the JSON number -9223372036854775809, expected BIGINT: out of range"),
        type(
            "long",
            "1e5000000",
            "long holds the JSON number 1e5000000, expected BIGINT: out of range"),
        type(
            "long",
            "1e-5000000",
            "long holds the JSON number 1e-5000000, expected BIGINT: has a fraction"),
        type(
            "long",
            "1e99999999999",
            "long holds the JSON number 1e99999999999, expected BIGINT: out of range"),
        type("float", "1e39", "float holds the JSON number 1e39, expected FLOAT: out of range"),
        type(
            "double", "1e400", "double holds the JSON number 1e400, expected DOUBLE: out of range"),
        type(
            "double",
            "1e-400",
            "double holds the JSON number 1e-400, expected DOUBLE: out of range"),
        type("double", "\"NaN\"", "double holds the JSON string \"NaN\", expected DOUBLE"),
        type(
            "double", "\"Infinity\"", "double holds the JSON string \"Infinity\", expected DOUBLE"),
        type("double", "\"1d\"", "double holds the JSON string \"1d\", expected DOUBLE"),
        type(
            "amount",
            "\"twelve\"",
            "amount holds the JSON string \"twelve\", expected DECIMAL(18, 2)"),
        type(
            "amount",
            "12.505",
            "amount holds the JSON number 12.505, expected DECIMAL(18, 2): more than 2 fraction digits"),
        type(
            "amount",
            "10000000000000000",
            "amount holds the JSON number 10000000000000000, expected DECIMAL(18, 2): out of range"),
        type(
            "amount",
            "1e5000000",
            "amount holds the JSON number 1e5000000, expected DECIMAL(18, 2): out of range"),
        type(
            "amount",
            "\"1e5000000\"",
            "amount holds the JSON string \"1e5000000\", expected DECIMAL(18, 2): out of range"),
        type(
            "amount",
            "1e-5000000",
            "amount holds the JSON number 1e-5000000, expected DECIMAL(18, 2): more than 2 fraction digits"),
        type(
            "amount",
            "\"" + "1".repeat(201) + "\"",
            "amount holds the JSON string \"" + "1".repeat(40) + "…\", expected DECIMAL(18, 2)"),
        type(
            "bytes",
            "\"ÿ\"",
            "bytes holds the JSON string \"ÿ\", expected BYTES as a Base64 string: not Base64"),
        type("bytes", "1", "bytes holds the JSON number 1, expected BYTES as a Base64 string"),
        type(
            "fixed",
            "\"AQ==\"",
            "fixed holds the JSON string \"AQ==\", expected BINARY(2) as a Base64 string: not 2 bytes"),
        type("kind", "1", "kind holds the JSON number 1, expected one of [A, B]"),
        arguments(
            "kind",
            "\"C\"",
            "accepted-values: kind",
            "kind holds the JSON string \"C\", expected one of [A, B]"),
        arguments(
            "kind",
            "\"a\"",
            "accepted-values: kind",
            "kind holds the JSON string \"a\", expected one of [A, B]"),
        type(
            "day",
            "\"2023-02-29\"",
            "day holds the JSON string \"2023-02-29\", expected DATE as days since 1970 or ISO-8601"),
        type(
            "day",
            "\"2024\"",
            "day holds the JSON string \"2024\", expected DATE as days since 1970 or ISO-8601"),
        type(
            "day",
            "2932897",
            "day holds the JSON number 2932897, expected DATE as days since 1970 or ISO-8601: out of range"),
        type(
            "day",
            "\"0000-12-31\"",
            "day holds the JSON string \"0000-12-31\", expected DATE as days since 1970 or ISO-8601: out of range"),
        type(
            "time",
            "86400000",
            "time holds the JSON number 86400000, expected TIME(3) as milliseconds since midnight or ISO-8601: out of range"),
        type(
            "time",
            "\"00:00:00.0001\"",
            "time holds the JSON string \"00:00:00.0001\", expected TIME(3) as milliseconds since midnight or ISO-8601: more than 3 fraction digits"),
        type(
            "millis",
            "\"2024-01-01T00:00:00\"",
            "millis holds the JSON string \"2024-01-01T00:00:00\", expected " + millis),
        type(
            "millis",
            "\"1704067200123\"",
            "millis holds the JSON string \"1704067200123\", expected " + millis),
        type(
            "millis",
            "\"2024-01-01T00:00:00.0001Z\"",
            "millis holds the JSON string \"2024-01-01T00:00:00.0001Z\", expected "
                + millis
                + ": more than 3 fraction digits"),
        type(
            "millis",
            "1.5",
            "millis holds the JSON number 1.5, expected " + millis + ": has a fraction"),
        type(
            "millis",
            "253402300800000",
            "millis holds the JSON number 253402300800000, expected " + millis + ": out of range"),
        type(
            "millis",
            "9223372036854775807",
            "millis holds the JSON number 9223372036854775807, expected "
                + millis
                + ": out of range"),
        type(
            "local",
            "\"2024-01-01T00:00:00Z\"",
            "local holds the JSON string \"2024-01-01T00:00:00Z\", expected TIMESTAMP(3) as milliseconds since 1970 or ISO-8601 without offset"),
        type("tags", "\"x\"", "tags holds the JSON string \"x\", expected a JSON array"),
        arguments(
            "tags", "[\"x\", {}]", "type: tags[]", "tags[1] holds a JSON object, expected STRING"),
        arguments("tags", "[null]", "not-null: tags[]", "tags[0] holds null, expected STRING"),
        type("counts", "[]", "counts holds a JSON array, expected a JSON object"),
        arguments(
            "counts",
            "{\"a\": \"b\"}",
            "type: counts[]",
            "counts.a holds the JSON string \"b\", expected INT"),
        type("address", "\"Ulm\"", "address holds the JSON string \"Ulm\", expected a JSON object"),
        arguments(
            "address",
            "{\"zip\": 1}",
            "not-null: address.city",
            "address.city is missing, expected STRING"),
        arguments(
            "items",
            "[{\"price\": 1}, {}]",
            "not-null: items[].price",
            "items[1].price is missing, expected DOUBLE"),
        arguments(
            "items",
            "[{\"price\": \"x\"}]",
            "type: items[].price",
            "items[0].price holds the JSON string \"x\", expected DOUBLE"),
        type("int", "\"\\u001b[2J\"", "int holds the JSON string \" [2J\", expected INT"));
  }

  private static Arguments type(String field, String json, String reason) {
    return arguments(field, json, "type: " + field, reason);
  }

  @Test
  void aRequiredFieldMayNeitherBeMissingNorNull() {
    assertThat(everyType.decode(utf8("{}")))
        .isEqualTo(new Rejected("not-null: id", "id is missing, expected STRING"));
    assertThat(everyType.decode(utf8("{\"id\": null}")))
        .isEqualTo(new Rejected("not-null: id", "id holds null, expected STRING"));
    assertThat(new DecodeJson(Contracts.DEFAULTS).decode(utf8("{\"kind\": null}")))
        .isEqualTo(new Rejected("not-null: kind", "kind holds null, expected one of [A, B]"));
  }

  @Test
  void aTombstoneIsRejectedAsOne() {
    assertThat(everyType.decode(null))
        .isEqualTo(new Rejected("tombstone", "the record has no payload"));
  }

  @ParameterizedTest
  @MethodSource
  void anEventIsAnObject(String json, String reason) {
    assertThat(everyType.decode(utf8(json))).isEqualTo(new Rejected("not-an-object", reason));
  }

  static Stream<Arguments> anEventIsAnObject() {
    return Stream.of(
        arguments("[{\"id\": \"1\"}]", "the payload is a JSON array"),
        arguments("\"id\"", "the payload is a JSON string"),
        arguments("1", "the payload is a JSON number"),
        arguments("1.5", "the payload is a JSON number"),
        arguments("true", "the payload is a JSON boolean"),
        arguments("null", "the payload is null"));
  }

  @ParameterizedTest
  @MethodSource
  void aPayloadThatIsNoJsonIsRejectedWithTheKindOfDamage(byte[] payload, String reason) {
    assertThat(everyType.decode(payload)).isEqualTo(new Rejected("malformed-json", reason));
  }

  static Stream<Arguments> aPayloadThatIsNoJsonIsRejectedWithTheKindOfDamage() {
    String more = "trailing-garbage: there is more behind the end of the JSON value";
    String truncated = "truncated: the payload ends within a JSON value";
    return Stream.of(
        malformed("", "empty: the payload has no bytes"),
        malformed(" \n", "empty: the payload is white space"),
        malformed("\uFEFF{\"id\": \"1\"}", "byte-order-mark: the payload starts with EF BB BF"),
        arguments("{\"id\": \"ü\"}".getBytes(ISO_8859_1), "not-utf-8: byte 8 is not UTF-8"),
        arguments(new byte[] {'{', (byte) 0xC0, (byte) 0x80}, "not-utf-8: byte 1 is not UTF-8"),
        arguments(
            new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'},
            "not-utf-8: byte 1 is not UTF-8"),
        arguments(new byte[] {'"', (byte) 0xE2, (byte) 0x82}, "not-utf-8: byte 1 is not UTF-8"),
        arguments("{\"id\": \"1\"}".getBytes(UTF_16BE), "syntax: not JSON from byte 1 on"),
        malformed(
            "{\"id\": \"\\ud83d\"}", "lone-surrogate: the escape at byte 8 is half a character"),
        malformed(
            "{\"id\": \"\\uDE00\"}", "lone-surrogate: the escape at byte 8 is half a character"),
        malformed(
            "{\"id\": \"\\\\\\ud83d\\n\"}",
            "lone-surrogate: the escape at byte 10 is half a character"),
        malformed(
            "{\"x\": {\"\\udbff\": 1}}",
            "lone-surrogate: the escape at byte 8 is half a character"),
        malformed("{\"id\": \"1\"}x", more),
        malformed("{\"id\": \"1\"}{\"id\": \"2\"}", more),
        malformed("{\"id\": \"1\"}}", more),
        malformed("{\"id\": \"1\"}\0", more),
        malformed("[1]]", more),
        malformed("1 2", more),
        malformed("{\"id\": \"1\"", truncated),
        malformed("{\"id\": \"1", truncated),
        malformed("{\"id\": ", truncated),
        malformed("{\"id\": tru", "syntax: not JSON from byte 7 on"),
        malformed("{\"id\": 1, \"id\": 1}", "duplicate-key: 'id' is there twice, again at byte 14"),
        malformed(
            "{\"id\": \"1\", \"x\": [{\"y\": 1, \"y\": 2}]}",
            "duplicate-key: 'y' is there twice, again at byte 30"),
        malformed(
            "{\"id\": \"1\", \"counts\": {\"y\": 1, \"y\": 2}}",
            "duplicate-key: 'y' is there twice, again at byte 34"),
        malformed(
            "{\"id\": \"1\", \"address\": {\"city\": \"a\", \"city\": \"b\"}}",
            "duplicate-key: 'city' is there twice, again at byte 43"),
        malformed("{\"id\": \"1\", \"double\": NaN}", "syntax: not JSON from byte 25 on"),
        malformed("{\"id\": \"1\", \"double\": -Infinity}", "syntax: not JSON from byte 31 on"),
        malformed("{\"id\": \"1\", \"x\": Infinity}", "syntax: not JSON from byte 25 on"),
        malformed("{\"id\": \"1\", \"int\": 01}", "syntax: not JSON from byte 20 on"),
        malformed("{\"id\": \"1\", \"int\": +1}", "syntax: not JSON from byte 20 on"),
        malformed("{\"id\": \"1\", \"int\": .5}", "syntax: not JSON from byte 19 on"),
        malformed("{\"id\": \"1\", \"int\": 1.}", "syntax: not JSON from byte 21 on"),
        malformed("{\"id\": \"1\",}", "syntax: not JSON from byte 11 on"),
        malformed("{'id': 1}", "syntax: not JSON from byte 1 on"),
        malformed("{id: 1}", "syntax: not JSON from byte 1 on"),
        malformed("{\"id\": \"a\nb\"}", "syntax: not JSON from byte 9 on"),
        malformed("{\"id\": \"\\x\"}", "syntax: not JSON from byte 9 on"),
        malformed("{\"id\": 1} // note", more),
        malformed("{/**/\"id\": 1}", "syntax: not JSON from byte 1 on"),
        malformed("twelve", "syntax: not JSON from byte 0 on"),
        malformed(
            "{\"id\": \"1\", \"x\": " + "[".repeat(200_000),
            "too-deep: values are nested deeper than 100"),
        malformed("[".repeat(200_000), "too-deep: values are nested deeper than 100"),
        malformed("{\"a\":".repeat(200_000), "too-deep: values are nested deeper than 100"),
        malformed(
            "{\"id\": \"1\", \"long\": " + "9".repeat(201) + "}",
            "too-long: a number has more than 200 digits"),
        malformed(
            "{\"id\": \"1\", \"x\": 0." + "9".repeat(1_000_000) + "}",
            "too-long: a number has more than 200 digits"),
        malformed(
            "{\"id\": \"1\", \"" + "x".repeat(60_000) + "\": 1}",
            "too-long: a field's name has more than 1000 characters"),
        malformed(
            "{\"id\": \"" + "x".repeat(20 * 1024 * 1024 + 1) + "\"}",
            "too-long: a string has more than 20971520 characters"));
  }

  private static Arguments malformed(String payload, String reason) {
    return arguments(payload.getBytes(UTF_8), reason);
  }

  @Test
  void damageCountsMoreThanABrokenFieldBeforeIt() {
    assertThat(everyType.decode(utf8("{\"int\": \"x\", \"id\": \"1\"}}")))
        .isEqualTo(
            new Rejected(
                "malformed-json",
                "trailing-garbage: there is more behind the end of the JSON value"));
  }

  @Test
  void aDecoderGoesOnAfterEveryKindOfEvent() {
    everyType.decode(utf8("{\"id\": \"1\", \"address\": {\"city\": 1, \"zip\": \"x\"}}"));
    everyType.decode(utf8("{\"id\": "));

    assertThat(everyType.decode(utf8("{\"address\": {\"city\": \"Ulm\"}}")))
        .isEqualTo(new Rejected("not-null: id", "id is missing, expected STRING"));
  }

  @Test
  void aFewBytesNeverCostSeconds() {
    Assertions.assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          for (int i = 0; i < 10_000; i++) {
            everyType.decode(
                utf8(
                    "{\"id\": \"1\", \"x\": 1e5000000, \"amount\": 1e5000000, \"long\": 1e-5000000}"));
            everyType.decode(utf8("{\"id\": \"1\", \"double\": \"1e-5000000\"}"));
          }
        });
  }

  @Test
  void damagedEventsNeverBreakTheDecoder() {
    byte[] event =
        utf8(
            """
            {"id": "1", "int": 1, "amount": "12.5", "micros": "2024-01-01T01:00:00+01:00", "day": "2024-02-29",
             "time": "23:59", "bytes": "AP8=", "counts": {"a": 1}, "items": [{"price": 1e2}], "x": {"y": [null]}}
            """);
    RowDataSerializer serializer = new RowDataSerializer(Contracts.EVERY_TYPE.rowType());
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      byte[] damaged = event.clone();
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        damaged[random.nextInt(event.length)] =
            random.nextBoolean() ? (byte) random.nextInt(256) : event[random.nextInt(event.length)];
      }

      DecodedEvent decoded = everyType.decode(damaged);

      if (decoded instanceof Accepted accepted) {
        serializer.toBinaryRow(accepted.row());
      } else {
        assertThat(((Rejected) decoded).rule())
            .as(() -> new String(damaged, ISO_8859_1))
            .isNotEqualTo(DecodeJson.DECODER_FAILED);
      }
    }
  }

  @Test
  void megabytesOfTextAreAnEventLikeAnyOther() {
    String text = "ü".repeat(5 * 1024 * 1024);

    DecodedEvent event = everyType.decode(utf8("{\"id\": \"1\", \"text\": \"" + text + "\"}"));

    assertThat(((Accepted) event).row().getString(1)).hasToString(text);
  }

  @Test
  void aDecoderTravelsToItsSubtask() throws IOException, ClassNotFoundException {
    DecodeJson travelled = InstantiationUtil.clone(new DecodeJson(Contracts.DEFAULTS));

    assertThat(travelled.decode(utf8("{\"kind\": \"A\", \"x\": 1}")))
        .isInstanceOfSatisfying(
            Accepted.class, event -> assertThat(event.rescued()).hasToString("{\"x\":1}"));
  }

  @Test
  void aRowTypeOfAnotherContractIsRefused() {
    Contract contract =
        Contracts.contract(
            """
            {"type": "record", "name": "R", "fields": [{"name": "at", "type": "long"}]}
            """,
            DataTypes.FIELD("at", DataTypes.TIMESTAMP(3)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DecodeJson(contract))
        .withMessage(
            "The contract's field 'at' is \"long\" in Avro, which is not TIMESTAMP(3) in Flink.");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static StringData string(String text) {
    return StringData.fromString(text);
  }

  private static DecimalData decimal(String text) {
    return DecimalData.fromBigDecimal(new BigDecimal(text), 18, 2);
  }

  private static TimestampData timestamp(String instant) {
    return TimestampData.fromInstant(Instant.parse(instant));
  }
}
