package io.medallion.silver;

import static io.medallion.silver.AvroPayloads.datum;
import static io.medallion.silver.AvroPayloads.registered;
import static io.medallion.silver.AvroPayloads.schema;
import static io.medallion.silver.AvroPayloads.singleObject;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.medallion.schemas.Contract;
import io.medallion.schemas.ContractTypes;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;

/** Whatever the bytes, and whatever was written with a schema: Avro's own reader is the oracle. */
class DecodeAvroPropertyTest {
  private static final Schema WRITER =
      schema(
          """
          {'type': 'record', 'name': 'Order', 'fields': [
            {'name': 'beyond', 'type': {'type': 'array', 'items': ['null', 'string', {'type': 'map', 'values': 'double'}]}},
            {'name': 'weight', 'type': 'int'},
            {'name': 'tags', 'type': {'type': 'map', 'values': ['null', 'string']}},
            {'name': 'lines', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'Line', 'fields': [
              {'name': 'note', 'type': ['null', 'string']},
              {'name': 'price', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 10, 'scale': 2}},
              {'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': ['C', 'B', 'A']}}]}}},
            {'name': 'raw', 'type': {'type': 'fixed', 'name': 'Raw', 'size': 3}},
            {'name': 'key', 'type': 'string'},
            {'name': 'next', 'type': ['null', 'Order']},
            {'name': 'count', 'type': ['null', 'int', 'long']},
            {'name': 'at', 'type': {'type': 'long', 'logicalType': 'timestamp-micros'}},
            {'name': 'ok', 'type': 'boolean'}
          ]}
          """);
  private static final Schema READER =
      schema(
          """
          {'type': 'record', 'name': 'Order', 'fields': [
            {'name': 'id', 'type': 'string', 'aliases': ['key']},
            {'name': 'at', 'type': {'type': 'long', 'logicalType': 'timestamp-micros'}},
            {'name': 'count', 'type': ['null', 'long'], 'default': null},
            {'name': 'lines', 'type': {'type': 'array', 'items': {'type': 'record', 'name': 'Line', 'fields': [
              {'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': ['A', 'B', 'C']}},
              {'name': 'price', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 18, 'scale': 2}},
              {'name': 'currency', 'type': 'string', 'default': 'EUR'}]}}},
            {'name': 'ok', 'type': 'boolean'},
            {'name': 'raw', 'type': {'type': 'fixed', 'name': 'Raw', 'size': 3}},
            {'name': 'tags', 'type': {'type': 'map', 'values': ['null', 'string']}},
            {'name': 'weight', 'type': 'long'},
            {'name': 'source', 'type': ['null', 'string'], 'default': null}
          ]}
          """);
  private static final Contract CONTRACT =
      new Contract("Order", READER, ContractTypes.rowType(READER));
  private static final int SINGLE_OBJECT_HEADER = 10;

  private final DecodeAvro byContract = new DecodeAvro(new WrittenByContract(CONTRACT));
  private final DecodeAvro byFingerprint =
      new DecodeAvro(new FindByFingerprint(List.of(WRITER), CONTRACT));
  private final RowDataSerializer serializer = new RowDataSerializer(CONTRACT.rowType());

  @Property
  void whatWasWrittenIsReadAsAvroReadsIt(@ForAll long seed) throws IOException {
    byte[] event = datum(WRITER, value(WRITER, new Random(seed), 0));

    DecodedEvent decoded = byFingerprint.decode(singleObject(WRITER, event));

    assertThat(decoded).isInstanceOf(Accepted.class);
    assertThat(((Accepted) decoded).row()).isEqualTo(readByAvro(event, 0));
  }

  @Property
  void whatIsAcceptedOfDamagedEventsIsWhatAvroReads(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int damages) throws IOException {
    Random random = new Random(seed);
    byte[] event = singleObject(WRITER, datum(WRITER, value(WRITER, random, 0)));
    for (int i = 0; i < damages; i++) {
      int at = SINGLE_OBJECT_HEADER + random.nextInt(event.length - SINGLE_OBJECT_HEADER);
      event[at] =
          (byte)
              (random.nextBoolean() ? random.nextInt(256) : event[at] ^ (1 << random.nextInt(8)));
    }

    DecodedEvent decoded = byFingerprint.decode(event);

    if (decoded instanceof Accepted accepted) {
      assertThat(accepted.row()).isEqualTo(readByAvro(event, SINGLE_OBJECT_HEADER));
      serializer.toBinaryRow(accepted.row());
    } else {
      assertThat(((Rejected) decoded).rule())
          .as(() -> HexFormat.of().formatHex(event))
          .isNotEqualTo(DecodePayload.DECODER_FAILED);
    }
  }

  @Property
  void noBytesBreakADecoderOrTakeMuchMoreMemoryThanTheyAre(@ForAll @Size(max = 200) byte[] bytes) {
    long before = allocated();

    for (DecodedEvent decoded :
        List.of(
            byContract.decode(bytes),
            byFingerprint.decode(bytes),
            byFingerprint.decode(singleObject(WRITER, bytes)),
            byContract.decode(registered(1, bytes)))) {
      if (decoded instanceof Accepted accepted) {
        serializer.toBinaryRow(accepted.row());
      } else {
        assertThat(((Rejected) decoded).rule())
            .as(() -> HexFormat.of().formatHex(bytes))
            .isNotEqualTo(DecodePayload.DECODER_FAILED);
      }
    }

    assertThat(allocated() - before).isLessThan(20_000_000L);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static RowData readByAvro(byte[] bytes, int from) throws IOException {
    IndexedRecord read =
        new GenericDatumReader<IndexedRecord>(WRITER, READER)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, from, bytes.length - from, null));
    return (RowData) ConvertAvro.toInternal(read, READER, CONTRACT.rowType());
  }

  /** Any value of a schema, in the ranges that the contract has. */
  private static Object value(Schema schema, Random random, int depth) {
    return switch (schema.getType()) {
      case NULL -> null;
      case BOOLEAN -> random.nextBoolean();
      case INT -> random.nextInt();
      case LONG -> random.nextLong() >> 12;
      case FLOAT -> random.nextFloat();
      case DOUBLE -> random.nextDouble();
      case STRING -> "ü😀\0a".substring(0, List.of(0, 1, 3, 4, 5).get(random.nextInt(5)));
      case BYTES -> ByteBuffer.wrap(BigInteger.valueOf(random.nextInt()).toByteArray());
      case FIXED -> {
        byte[] bytes = new byte[schema.getFixedSize()];
        random.nextBytes(bytes);
        yield new GenericData.Fixed(schema, bytes);
      }
      case ENUM ->
          new GenericData.EnumSymbol(
              schema, schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())));
      case UNION ->
          value(
              schema.getTypes().get(depth > 6 ? 0 : random.nextInt(schema.getTypes().size())),
              random,
              depth);
      case ARRAY -> {
        List<Object> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(schema.getElementType(), random, depth + 1));
        }
        yield items;
      }
      case MAP -> {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          entries.put("key" + i, value(schema.getValueType(), random, depth + 1));
        }
        yield entries;
      }
      case RECORD -> {
        GenericData.Record record = new GenericData.Record(schema);
        schema
            .getFields()
            .forEach(field -> record.put(field.pos(), value(field.schema(), random, depth + 1)));
        yield record;
      }
    };
  }
}
