package io.medallion.silver;

import static io.medallion.silver.AvroPayloads.datum;
import static io.medallion.silver.AvroPayloads.hex;
import static io.medallion.silver.AvroPayloads.record;
import static io.medallion.silver.AvroPayloads.schema;
import static io.medallion.silver.AvroPayloads.singleObject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.medallion.schemas.Contract;
import io.medallion.schemas.ContractTypes;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeAvroTest {
  private static final Schema EVERY = Contracts.EVERY_TYPE.schema();
  private static final String DECIMAL =
      "{'type': 'bytes', 'logicalType': 'decimal', 'precision': %d, 'scale': %d}";
  private static final String LONG = "{'type': 'long', 'logicalType': '%s'}";

  private final DecodeAvro everyType = new DecodeAvro(new WrittenByContract(Contracts.EVERY_TYPE));

  @Test
  void theSameEventInJsonAndInAvroIsTheSameRow() {
    GenericData.Record event = everyRecord();

    DecodedEvent avro = everyType.decode(datum(EVERY, event));

    assertThat(((Accepted) avro).row().getString(1)).hasToString("Grüße 😀 \uFFFD");
    assertThat(avro)
        .isEqualTo(
            new DecodeJson(Contracts.EVERY_TYPE)
                .decode(
                    """
                    {"id": "1", "text": "Grüße 😀 \uFFFD", "flag": true, "int": -1, "long": 9223372036854775807,
                     "float": 0.1, "double": -0.0, "amount": -12.50, "bytes": "AP8=", "fixed": "AQI=", "kind": "B",
                     "day": "2024-02-29", "time": "23:59:59.999", "millis": "2024-01-01T00:00:00.123Z",
                     "micros": "1969-12-31T23:59:59.999999Z", "local": "2024-01-01T00:00:00", "tags": ["x", "y"],
                     "counts": {"a": 1, "b": null}, "address": {"city": "Ulm", "zip": null},
                     "items": [{"price": 1.5}, {"price": 2}]}
                    """
                        .getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void flinkSerializesTheRowAsTheContractsType() {
    Accepted event = (Accepted) everyType.decode(datum(EVERY, everyRecord()));

    RowDataSerializer serializer = new RowDataSerializer(Contracts.EVERY_TYPE.rowType());

    assertThat(serializer.toBinaryRow(event.row()).getDecimal(7, 18, 2))
        .isEqualTo(DecimalData.fromBigDecimal(new BigDecimal("-12.50"), 18, 2));
    assertThat(serializer.toBinaryRow(event.row()).getRow(18, 2).getString(0)).hasToString("Ulm");
  }

  @Test
  void aTombstoneIsRejectedAsOne() {
    assertThat(everyType.decode(null))
        .isEqualTo(new Rejected("tombstone", "the record has no payload"));
  }

  @ParameterizedTest
  @MethodSource
  void bytesThatAreNoEventOfTheSchemaAreRejectedWithTheKindOfDamage(
      String type, String payload, String reason) {
    assertThat(field(type).decode(hex(payload))).isEqualTo(new Rejected("malformed-avro", reason));
  }

  static Stream<Arguments> bytesThatAreNoEventOfTheSchemaAreRejectedWithTheKindOfDamage() {
    return Stream.of(
        arguments("'int'", "", "empty: the payload has no bytes"),
        arguments("'int'", "80", "truncated: the payload ends within the number at byte 0"),
        arguments("'int'", "02 00", "trailing: 1 bytes are behind the end of the datum"),
        arguments("'int'", "80 80 80 80 10", "number: the int at byte 0 has more than 32 bits"),
        arguments(
            "'int'",
            "80 80 80 80 80 00",
            "number: the number at byte 0 does not end within 5 bytes"),
        arguments(
            "'long'",
            "FF FF FF FF FF FF FF FF FF 02",
            "number: the number at byte 0 does not end within 10 bytes"),
        arguments(
            "'long'",
            "80 80 80 80 80 80 80 80 80 80 00",
            "number: the number at byte 0 does not end within 10 bytes"),
        arguments("'boolean'", "02", "boolean: byte 0 is 02, expected 00 or 01"),
        arguments(
            "'float'", "00 00 00", "truncated: the float at byte 0 takes 4 bytes, 3 are left"),
        arguments(
            "'double'", "00 00 00", "truncated: the double at byte 0 takes 8 bytes, 3 are left"),
        arguments(
            "'string'", "06 61 62", "truncated: the string at byte 0 takes 3 bytes, 2 are left"),
        arguments(
            "'string'",
            "FE FF FF FF 0F 61",
            "truncated: the string at byte 0 takes 2147483647 bytes, 1 are left"),
        arguments(
            "'bytes'",
            "FE FF FF FF FF FF FF FF FF 01",
            "truncated: the bytes at byte 0 takes 9223372036854775807 bytes, 0 are left"),
        arguments("'string'", "01", "length: the string at byte 0 has -1 bytes"),
        arguments("'string'", "04 C3 28", "not-utf-8: byte 1 is not UTF-8"),
        arguments("'string'", "04 C0 80", "not-utf-8: byte 1 is not UTF-8"),
        arguments("'string'", "08 61 ED A0 80", "not-utf-8: byte 2 is not UTF-8"),
        arguments(
            "{'type': 'fixed', 'name': 'F', 'size': 4}",
            "00",
            "truncated: the fixed at byte 0 takes 4 bytes, 1 are left"),
        arguments(
            "{'type': 'enum', 'name': 'K', 'symbols': ['A', 'B']}",
            "04",
            "index: the symbol at byte 0 is number 2, expected 0 to 1"),
        arguments(
            "{'type': 'enum', 'name': 'K', 'symbols': ['A', 'B']}",
            "01",
            "index: the symbol at byte 0 is number -1, expected 0 to 1"),
        arguments(
            "['null', 'int']", "04", "index: the branch at byte 0 is number 2, expected 0 to 1"),
        arguments(
            "{'type': 'array', 'items': 'int'}",
            "80 80 80 80 80 80 80 80 20 02",
            "truncated: the payload ends within the number at byte 10"),
        arguments(
            "{'type': 'array', 'items': 'int'}",
            "02 02",
            "truncated: the payload ends within the number at byte 2"),
        arguments(
            "{'type': 'array', 'items': 'int'}",
            "01 04 02 00",
            "block: the block at byte 0 says that it has 2 bytes, and has 1"),
        arguments(
            "{'type': 'array', 'items': 'int'}",
            "01 08 02 00",
            "truncated: the block at byte 1 takes 4 bytes, 2 are left"),
        arguments(
            "{'type': 'array', 'items': 'int'}",
            "FF FF FF FF FF FF FF FF FF 01 00",
            "truncated: the payload ends within the number at byte 11"),
        arguments(
            "{'type': 'map', 'values': 'int'}",
            "04 02 61 02 02 61 04 00",
            "duplicate-key: 'a' is there twice, again at byte 4"),
        arguments(
            "{'type': 'array', 'items': {'type': 'fixed', 'name': 'Z', 'size': 0}}",
            "80 80 80 80 80 80 80 80 80 01",
            "too-many: more than 10000 items of arrays take no bytes"));
  }

  @Test
  void itemsThatTakeNoBytesAreRefusedWhereverTheyStand() {
    String none = "{'type': 'record', 'name': 'N', 'fields': [{'name': 'n', 'type': 'null'}]}";
    Contract contract = contract("{'name': 'a', 'type': 'int', 'default': 1}");
    Schema beyond =
        recordOf("{'name': 'x', 'type': {'type': 'array', 'items': %s}}".formatted(none));
    Contract known =
        contract(
            "{'name': 'a', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'N',"
                + " 'fields': [{'name': 'd', 'type': 'int', 'default': 1}]}}}");
    Schema within =
        recordOf("{'name': 'a', 'type': {'type': 'array', 'items': %s}}".formatted(none));
    Rejected tooMany =
        new Rejected("malformed-avro", "too-many: more than 10000 items of arrays take no bytes");

    assertThat(written(beyond, contract, hex("80 80 80 80 80 80 80 80 20 00"))).isEqualTo(tooMany);
    assertThat(written(within, known, hex("80 80 80 80 80 80 80 80 20 00"))).isEqualTo(tooMany);
  }

  @Test
  void valuesBeyondTheContractAreNeverNestedVeryDeeply() {
    Contract contract = contract("{'name': 'a', 'type': 'int', 'default': 1}");
    Schema list =
        recordOf(
            "{'name': 'x', 'type': {'type': 'record', 'name': 'List', 'fields':"
                + " [{'name': 'next', 'type': ['null', 'List']}]}}");
    byte[] deep = new byte[1_000_000];
    Arrays.fill(deep, (byte) 2);

    assertThat(written(list, contract, deep))
        .isEqualTo(new Rejected("malformed-avro", "too-deep: values are nested deeper than 100"));
  }

  @Test
  void valuesBeyondTheContractAreNeverVeryLong() {
    Contract contract = contract("{'name': 'a', 'type': 'int', 'default': 1}");
    String name = "n".repeat(1_000);
    Schema wide =
        recordOf(
            ("{'name': 'x', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'W', 'fields':"
                    + " [{'name': 'b', 'type': 'int'}, {'name': '%s', 'type': 'null'}]}}}")
                .formatted(name));
    ByteBuffer many = ByteBuffer.allocate(100_000);
    many.put(hex("80 EA 30")); // 400,000 items
    while (many.hasRemaining()) {
      many.put((byte) 2);
    }

    assertThat(written(wide, contract, many.array()))
        .isEqualTo(
            new Rejected(
                "malformed-avro",
                "too-long: the fields beyond the contract take more than 20971520 characters"));
  }

  @ParameterizedTest
  @MethodSource
  void aValueThatTheContractDoesNotAllowIsRejected(
      String type, Object value, String rule, String reason) {
    Schema schema = recordOf("{'name': 'f', 'type': %s}".formatted(type));

    assertThat(field(type).decode(datum(schema, record(schema, "f", value))))
        .isEqualTo(new Rejected(rule, reason));
  }

  static Stream<Arguments> aValueThatTheContractDoesNotAllowIsRejected() {
    return Stream.of(
        type("'float'", Float.NaN, "f holds the number NaN, expected FLOAT"),
        type("'double'", Double.NEGATIVE_INFINITY, "f holds the number -Infinity, expected DOUBLE"),
        type(
            DECIMAL.formatted(4, 2),
            unscaled("10000"),
            "f holds the number 100.00, expected DECIMAL(4, 2): out of range"),
        type(
            DECIMAL.formatted(4, 2),
            ByteBuffer.allocate(0),
            "f holds no bytes, expected DECIMAL(4, 2)"),
        type(
            DECIMAL.formatted(4, 2),
            unscaled("1" + "0".repeat(1_000)),
            "f holds a number of 416 bytes, expected DECIMAL(4, 2): out of range"),
        type(
            "{'type': 'int', 'logicalType': 'date'}",
            2_932_897,
            "f holds the number 2932897, expected DATE: out of range"),
        type(
            "{'type': 'int', 'logicalType': 'time-millis'}",
            86_400_000,
            "f holds the number 86400000, expected TIME(3): out of range"),
        type(
            LONG.formatted("time-micros"),
            1L,
            "f holds the number 1, expected TIME(6): more than 3 fraction digits"),
        type(
            LONG.formatted("timestamp-millis"),
            253_402_300_800_000L,
            "f holds the number 253402300800000, expected TIMESTAMP(3): out of range"),
        type(
            LONG.formatted("timestamp-micros"),
            Long.MIN_VALUE,
            "f holds the number -9223372036854775808, expected TIMESTAMP(6): out of range"));
  }

  private static Arguments type(String type, Object value, String reason) {
    return arguments(type, value, "type: f", reason);
  }

  @Test
  void damageCountsMoreThanABrokenFieldBeforeIt() {
    Contract contract = contract("{'name': 'f', 'type': 'float'}, {'name': 's', 'type': 'string'}");

    assertThat(written(contract.schema(), contract, hex("00 00 C0 7F 02")))
        .isEqualTo(
            new Rejected(
                "malformed-avro", "truncated: the string at byte 4 takes 1 bytes, 0 are left"));
    assertThat(written(contract.schema(), contract, hex("00 00 C0 7F 02 61")))
        .isEqualTo(new Rejected("type: f", "f holds the number NaN, expected FLOAT"));
  }

  @Test
  void blocksWithTheirLengthsAreReadToo() throws IOException {
    Schema schema = recordOf("{'name': 'f', 'type': {'type': 'array', 'items': 'int'}}");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder =
        new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null);
    new GenericDatumWriter<>(schema)
        .write(record(schema, "f", Collections.nCopies(100, 7)), encoder);
    encoder.flush();

    assertThat(
            written(
                schema,
                contract("{'name': 'f', 'type': {'type': 'array', 'items': 'int'}}"),
                out.toByteArray()))
        .isEqualTo(accepted(new GenericArrayData(Collections.nCopies(100, 7).toArray())));
  }

  @Test
  void whatTheWriterLacksTakesTheContractsDefaults() {
    Schema writer =
        schema(
            "{'type': 'record', 'name': 'Defaults', 'namespace': 'test', 'fields': [{'name': 'nullable', 'type': 'string'}]}");

    assertThat(written(writer, Contracts.DEFAULTS, hex("02 61")))
        .isEqualTo(
            accepted(
                text("B"),
                text("a"),
                7,
                DecimalData.fromBigDecimal(new BigDecimal("2.56"), 4, 2),
                TimestampData.fromEpochMillis(-1, 999_000),
                new GenericArrayData(new Object[] {text("x")}),
                new GenericMapData(Map.of(text("a"), 1)),
                GenericRowData.of(text("Ulm"))));
  }

  @Test
  void fieldsAreFoundByNameOrAliasInAnyOrderAndNumbersArePromoted() {
    Contract contract =
        contract(
            """
            {'name': 'id', 'type': 'string', 'aliases': ['order_id']}, {'name': 'count', 'type': ['null', 'long']},
            {'name': 'ratio', 'type': 'double'}, {'name': 'raw', 'type': 'bytes'}
            """);
    Schema writer =
        recordOf(
            """
            {'name': 'raw', 'type': 'string'}, {'name': 'ratio', 'type': 'float'}, {'name': 'count', 'type': 'int'},
            {'name': 'order_id', 'type': 'string'}
            """);

    assertThat(
            written(
                writer,
                contract,
                datum(
                    writer,
                    record(writer, "raw", "ab", "ratio", 0.5f, "count", -7, "order_id", "o1"))))
        .isEqualTo(accepted(text("o1"), -7L, 0.5, new byte[] {'a', 'b'}));
  }

  @Test
  void decimalsKeepTheWritersScaleAndTimesTheWritersUnit() {
    Contract contract =
        contract(
            "{'name': 'd', 'type': %s}, {'name': 't', 'type': %s}, {'name': 'u', 'type': %s}, {'name': 'm', 'type': %s}"
                .formatted(
                    DECIMAL.formatted(10, 4),
                    LONG.formatted("timestamp-micros"),
                    LONG.formatted("timestamp-millis"),
                    LONG.formatted("time-micros")));
    Schema writer =
        recordOf(
            "{'name': 'd', 'type': %s}, {'name': 't', 'type': %s}, {'name': 'u', 'type': %s}, {'name': 'm', 'type': %s}"
                .formatted(
                    DECIMAL.formatted(6, 2),
                    LONG.formatted("timestamp-millis"),
                    LONG.formatted("timestamp-nanos"),
                    "{'type': 'int', 'logicalType': 'time-millis'}"));

    assertThat(
            written(
                writer,
                contract,
                datum(
                    writer,
                    record(writer, "d", unscaled("1250"), "t", 5L, "u", 7_000_000L, "m", 9))))
        .isEqualTo(
            accepted(
                DecimalData.fromBigDecimal(new BigDecimal("12.5000"), 10, 4),
                TimestampData.fromEpochMillis(5),
                TimestampData.fromEpochMillis(7),
                9));
    assertThat(
            written(
                writer,
                contract,
                datum(
                    writer,
                    record(writer, "d", unscaled("1250"), "t", 5L, "u", 7_000_001L, "m", 9))))
        .isEqualTo(
            new Rejected(
                "type: u",
                "u holds the number 7000001, expected TIMESTAMP(3): more than 3 fraction digits"));
  }

  @Test
  void fieldsBeyondTheContractAreRescuedWithTheirPaths() {
    Contract contract =
        contract(
            """
            {'name': 'id', 'type': 'int'},
            {'name': 'address', 'type': {'type': 'record', 'name': 'Address', 'fields': [{'name': 'city', 'type': 'string'}]}},
            {'name': 'items', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'Item', 'fields':
              [{'name': 'price', 'type': 'int'}]}}}
            """);
    Schema writer =
        recordOf(
            """
            {'name': 'new', 'type': %s}, {'name': 'id', 'type': 'int'},
            {'name': 'address', 'type': {'type': 'record', 'name': 'Address', 'fields':
              [{'name': 'city', 'type': 'string'}, {'name': 'street', 'type': ['null', 'string']}]}},
            {'name': 'items', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'Item', 'fields':
              [{'name': 'price', 'type': 'int'}, {'name': 'vat', 'type': 'double'}]}}},
            {'name': 'nested', 'type': {'type': 'map', 'values': ['null', 'boolean', {'type': 'array', 'items': 'long'}]}},
            {'name': 'raw', 'type': 'bytes'},
            {'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': ['A', 'B']}},
            {'name': 'nan', 'type': 'double'},
            {'name': 'nothing', 'type': 'null'}
            """
                .formatted(DECIMAL.formatted(10, 2)));
    Schema address = writer.getField("address").schema();
    Schema item = writer.getField("items").schema().getElementType();
    Map<String, Object> nested = new LinkedHashMap<>();
    nested.put("a.b", null);
    nested.put("c", List.of(1L, 2L));
    byte[] payload =
        datum(
            writer,
            record(
                writer,
                "new",
                unscaled("150"),
                "id",
                1,
                "address",
                record(address, "city", "Ulm", "street", "A"),
                "items",
                List.of(
                    record(item, "price", 1, "vat", 0.07), record(item, "price", 2, "vat", 0.19)),
                "nested",
                nested,
                "raw",
                ByteBuffer.wrap(new byte[] {0, -1}),
                "kind",
                new GenericData.EnumSymbol(writer.getField("kind").schema(), "B"),
                "nan",
                Double.NaN));

    Accepted event = (Accepted) written(writer, contract, payload);

    assertThat(event.row())
        .isEqualTo(
            GenericRowData.of(
                1,
                GenericRowData.of(text("Ulm")),
                new GenericArrayData(new Object[] {GenericRowData.of(1), GenericRowData.of(2)})));
    assertThat(event.rescued())
        .hasToString(
            """
            {"new":1.50,"address.street":"A","items[0].vat":0.07,"items[1].vat":0.19,\
            "nested":{"a.b":null,"c":[1,2]},"raw":"AP8=","kind":"B","nan":"NaN","nothing":null}""");
  }

  @Test
  void aSymbolThatTheContractDoesNotKnowIsItsDefaultAndRescuedOrElseRejected() {
    String kind = "{'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': %s}}";
    Schema writer = recordOf(kind.formatted("['A', 'C']"));
    Contract strict = contract(kind.formatted("['A', 'B']"));
    Contract lenient = contract(kind.formatted("['A', 'B'], 'default': 'B'"));

    assertThat(written(writer, strict, hex("00"))).isEqualTo(accepted(text("A")));
    assertThat(written(writer, strict, hex("02")))
        .isEqualTo(
            new Rejected(
                "accepted-values: kind", "kind holds the symbol C, expected one of [A, B]"));
    assertThat(written(writer, lenient, hex("02")))
        .isInstanceOfSatisfying(
            Accepted.class,
            event -> {
              assertThat(event.row()).isEqualTo(GenericRowData.of(text("B")));
              assertThat(event.rescued()).hasToString("{\"kind\":\"C\"}");
            });
  }

  @Test
  void anEventIsRejectedForTheBranchThatItHas() {
    Schema writer = recordOf("{'name': 'f', 'type': ['null', 'int', 'string']}");
    Contract contract = contract("{'name': 'f', 'type': 'long'}");

    assertThat(written(writer, contract, hex("02 0E"))).isEqualTo(accepted(7L));
    assertThat(written(writer, contract, hex("00")))
        .isEqualTo(new Rejected("not-null: f", "f holds null, expected BIGINT"));
    assertThat(written(writer, contract, hex("04 02 61")))
        .isEqualTo(new Rejected("type: f", "f holds a value of type string, expected BIGINT"));
  }

  @ParameterizedTest
  @MethodSource
  void aSchemaThatTheContractCannotReadIsRejected(String writer, String reader, String reason) {
    Schema schema = recordOf(writer);
    byte[] payload = new byte[20];

    assertThat(((Rejected) written(schema, contract(reader), Arrays.copyOf(payload, size(schema)))))
        .isEqualTo(new Rejected("incompatible-schema", reason));
  }

  static Stream<Arguments> aSchemaThatTheContractCannotReadIsRejected() {
    return Stream.of(
        arguments(
            "{'name': 'f', 'type': 'string'}",
            "{'name': 'f', 'type': 'int'}",
            "f was written as string, which cannot be read as int"),
        arguments(
            "{'name': 'f', 'type': 'long'}",
            "{'name': 'f', 'type': ['null', 'int']}",
            "f was written as long, which cannot be read as null or int"),
        arguments(
            "{'name': 'g', 'type': 'long'}",
            "{'name': 'f', 'type': 'int'}, {'name': 'h', 'type': ['null', 'int']}",
            "the event was written without f, h, for which the contract has no default"),
        arguments(
            "{'name': 'f', 'type': {'type': 'record', 'name': 'A', 'fields': [{'name': 'x', 'type': 'int'}]}}",
            "{'name': 'f', 'type': {'type': 'record', 'name': 'A', 'fields': [{'name': 'y', 'type': 'int'}]}}",
            "f was written without y, for which the contract has no default"),
        arguments(
            "{'name': 'f', 'type': {'type': 'fixed', 'name': 'F', 'size': 2}}",
            "{'name': 'f', 'type': {'type': 'fixed', 'name': 'F', 'size': 3}}",
            "f was written as fixed F of 2 bytes, which cannot be read as fixed F of 3 bytes"),
        arguments(
            "{'name': 'f', 'type': %s}".formatted(LONG.formatted("local-timestamp-millis")),
            "{'name': 'f', 'type': %s}".formatted(LONG.formatted("timestamp-millis")),
            "f was written as long (local-timestamp-millis), which cannot be read as long (timestamp-millis)"),
        arguments(
            "{'name': 'f', 'type': %s}".formatted(DECIMAL.formatted(4, 2)),
            "{'name': 'f', 'type': 'string'}",
            "f was written as bytes (decimal of 4 digits, 2 behind the point), which cannot be read as string"));
  }

  /** How many zero bytes are one event of a schema of one field. */
  private static int size(Schema writer) {
    Schema field = writer.getFields().get(0).schema();
    return field.getType() == Schema.Type.FIXED ? field.getFixedSize() : 1;
  }

  @Test
  void anEventThatIsNoRecordIsRejected() {
    Contract contract = contract("{'name': 'f', 'type': 'int'}");

    assertThat(written(schema("'string'"), contract, hex("02 61")))
        .isEqualTo(
            new Rejected(
                "incompatible-schema",
                "the event was written as string, which cannot be read as record R"));
    assertThat(
            written(schema("['null', " + contract.schema().toString() + "]"), contract, hex("00")))
        .isEqualTo(new Rejected("not-a-record", "the payload holds null, expected a record"));
  }

  @Test
  void aSingleObjectIsReadByTheSchemaOfItsFingerprint() {
    Contract contract = contract("{'name': 'f', 'type': 'long'}");
    Schema older = recordOf("{'name': 'f', 'type': 'int'}");
    DecodeAvro decode = new DecodeAvro(new FindByFingerprint(List.of(older), contract));

    assertThat(decode.decode(singleObject(older, hex("0E")))).isEqualTo(accepted(7L));
    assertThat(decode.decode(singleObject(contract.schema(), hex("0E")))).isEqualTo(accepted(7L));
    assertThat(decode.decode(hex("C3 01 08 07 06 05 04 03 02 01 0E")))
        .isEqualTo(
            new Rejected(
                "unknown-fingerprint",
                "no schema of source.schemas and not the contract has the fingerprint 0102030405060708"));
  }

  @ParameterizedTest
  @MethodSource
  void aSingleObjectStartsWithItsMarker(String payload, String reason) {
    DecodeAvro decode =
        new DecodeAvro(new FindByFingerprint(List.of(), contract("{'name': 'f', 'type': 'long'}")));

    assertThat(decode.decode(hex(payload))).isEqualTo(new Rejected("malformed-avro", reason));
  }

  static Stream<Arguments> aSingleObjectStartsWithItsMarker() {
    return Stream.of(
        arguments("", "empty: the payload has no bytes"),
        arguments("C3", "truncated: the marker at byte 0 takes 2 bytes, 1 are left"),
        arguments("C3 02 00", "magic: the payload starts with C3 02, expected C3 01"),
        arguments("7B 22 66", "magic: the payload starts with 7B 22, expected C3 01"),
        arguments("C3 01 00 00", "truncated: the fingerprint at byte 2 takes 8 bytes, 2 are left"));
  }

  @Test
  void aDecoderGoesOnAfterEveryKindOfEvent() {
    everyType.decode(hex("02 61 04"));
    everyType.decode(new byte[] {1});

    assertThat(everyType.decode(datum(EVERY, everyRecord()))).isInstanceOf(Accepted.class);
  }

  @Test
  void aDecoderTravelsToItsSubtask() {
    assertThatCode(
            () -> {
              DecodeAvro travelled =
                  InstantiationUtil.clone(
                      new DecodeAvro(
                          new FindByFingerprint(
                              List.of(EVERY), contract("{'name': 'f', 'type': 'long'}"))));
              assertThat(
                      travelled.decode(
                          singleObject(recordOf("{'name': 'f', 'type': 'long'}"), hex("0E"))))
                  .isEqualTo(accepted(7L));
            })
        .doesNotThrowAnyException();
  }

  static GenericData.Record everyRecord() {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("a", 1);
    counts.put("b", null);
    Schema item = branch("items").getElementType();
    return record(
        EVERY,
        "id",
        "1",
        "text",
        "Grüße 😀 \uFFFD",
        "flag",
        true,
        "int",
        -1,
        "long",
        Long.MAX_VALUE,
        "float",
        0.1f,
        "double",
        -0.0,
        "amount",
        unscaled("-1250"),
        "bytes",
        ByteBuffer.wrap(new byte[] {0, -1}),
        "fixed",
        new GenericData.Fixed(branch("fixed"), new byte[] {1, 2}),
        "kind",
        new GenericData.EnumSymbol(branch("kind"), "B"),
        "day",
        (int) LocalDate.of(2024, 2, 29).toEpochDay(),
        "time",
        86_399_999,
        "millis",
        1_704_067_200_123L,
        "micros",
        -1L,
        "local",
        1_704_067_200_000L,
        "tags",
        List.of("x", "y"),
        "counts",
        counts,
        "address",
        record(branch("address"), "city", "Ulm"),
        "items",
        List.of(record(item, "price", 1.5), record(item, "price", 2.0)));
  }

  private static Schema branch(String field) {
    return EVERY.getField(field).schema().getTypes().get(1);
  }

  private static ByteBuffer unscaled(String digits) {
    return ByteBuffer.wrap(new BigInteger(digits).toByteArray());
  }

  /** A decoder of events with the one field {@code f}. */
  private static DecodeAvro field(String type) {
    return new DecodeAvro(
        new WrittenByContract(contract("{'name': 'f', 'type': %s}".formatted(type))));
  }

  private static Contract contract(String fields) {
    Schema schema = recordOf(fields);
    return new Contract("R", schema, ContractTypes.rowType(schema));
  }

  private static Schema recordOf(String fields) {
    return schema("{'type': 'record', 'name': 'R', 'fields': [" + fields + "]}");
  }

  /** What an event is that was written with a schema. */
  static DecodedEvent written(Schema writer, Contract contract, byte[] datum) {
    return new DecodeAvro(payload -> new ResolveWriter(contract).resolve(writer)).decode(datum);
  }

  private static Accepted accepted(Object... row) {
    return new Accepted(GenericRowData.of(row), null);
  }

  private static StringData text(String text) {
    return StringData.fromString(text);
  }
}
