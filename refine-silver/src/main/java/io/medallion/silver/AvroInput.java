package io.medallion.silver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.annotation.Nullable;

/**
 * One payload in Avro's binary encoding, and where in it and in the event the reader stands.
 * Nothing that the payload says of itself is believed: a length is compared with the bytes that are
 * left before anything of that length is made, and items of arrays and maps are made one by one.
 *
 * <p>Damage is thrown. What the contract does not allow is noted, and reading goes on: damage
 * behind it counts more, as in JSON.
 */
final class AvroInput {
  static final String MALFORMED = "malformed-avro";

  private static final int DEEPEST_NESTING = 100;

  /** An array of nulls has no bytes for them: so many are meant, more are an attack. */
  private static final int MOST_ITEMS_WITHOUT_BYTES = 10_000;

  private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();
  private static final int LONGEST_INT = 5;
  private static final int LONGEST_LONG = 10;

  private final CheckUtf8 checkUtf8 = new CheckUtf8();

  /** The names of the fields and map keys that the reader stands in; null for an array's item. */
  private final String[] names = new String[DEEPEST_NESTING];

  private final int[] indexes = new int[DEEPEST_NESTING];
  private byte[] bytes = new byte[0];
  private int position;
  private int depth;
  private int itemsWithoutBytes;
  @Nullable private DecodedEvent.Rejected broken;

  /** Stands at the start of another payload. */
  AvroInput start(byte[] payload) throws RejectedEventException {
    bytes = payload;
    position = 0;
    depth = 0;
    itemsWithoutBytes = 0;
    broken = null;
    if (payload.length == 0) {
      throw malformed("empty: the payload has no bytes");
    }
    return this;
  }

  /** Reads bytes that must be the first ones. */
  void magic(int... expected) throws RejectedEventException {
    byte[] marker = new byte[expected.length];
    for (int i = 0; i < expected.length; i++) {
      marker[i] = (byte) expected[i];
    }
    int at = take(marker.length, "marker");
    byte[] found = Arrays.copyOfRange(bytes, at, position);
    if (!Arrays.equals(found, marker)) {
      throw malformed(
          "magic: the payload starts with %s, expected %s"
              .formatted(HEX.formatHex(found), HEX.formatHex(marker)));
    }
  }

  int bigEndianInt() throws RejectedEventException {
    return ByteBuffer.wrap(bytes, take(Integer.BYTES, "schema id"), Integer.BYTES).getInt();
  }

  long littleEndianLong() throws RejectedEventException {
    return littleEndian(Long.BYTES, "fingerprint").getLong();
  }

  /** The payload must end where the datum does. */
  void end() throws RejectedEventException {
    if (position < bytes.length) {
      throw malformed(
          "trailing: %d bytes are behind the end of the datum".formatted(bytes.length - position));
    }
  }

  boolean readBoolean() throws RejectedEventException {
    int at = take(1, "boolean");
    return switch (bytes[at]) {
      case 0 -> false;
      case 1 -> true;
      default ->
          throw malformed(
              "boolean: byte %d is %s, expected 00 or 01"
                  .formatted(at, HEX.toHexDigits(bytes[at])));
    };
  }

  int readInt() throws RejectedEventException {
    int at = position;
    long value = varint(LONGEST_INT);
    if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw malformed("number: the int at byte %d has more than 32 bits".formatted(at));
    }
    return (int) value;
  }

  long readLong() throws RejectedEventException {
    return varint(LONGEST_LONG);
  }

  float readFloat() throws RejectedEventException {
    return littleEndian(Float.BYTES, "float").getFloat();
  }

  double readDouble() throws RejectedEventException {
    return littleEndian(Double.BYTES, "double").getDouble();
  }

  byte[] readBytes() throws RejectedEventException {
    int at = take(readLength("bytes"), "bytes");
    return Arrays.copyOfRange(bytes, at, position);
  }

  byte[] readFixed(int length) throws RejectedEventException {
    int at = take(length, "fixed");
    return Arrays.copyOfRange(bytes, at, position);
  }

  String readString() throws RejectedEventException {
    int length = readLength("string");
    int at = take(length, "string");
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      int wrong = checkUtf8.firstWrong(bytes, at, length);
      if (wrong >= 0) {
        throw malformed("not-utf-8: byte %d is not UTF-8".formatted(wrong));
      }
    }
    return text;
  }

  /**
   * Reads which of so many it is.
   *
   * @param what of what, for messages: a symbol, a branch
   */
  int readIndex(int count, String what) throws RejectedEventException {
    int at = position;
    int index = readInt();
    if (index < 0 || index >= count) {
      throw malformed(
          "index: the %s at byte %d is number %d, expected 0 to %d"
              .formatted(what, at, index, count - 1));
    }
    return index;
  }

  /** Reads an array; each item stands at a path of its own. */
  void readItems(ReadNext item) throws IOException {
    enter(null);
    int[] index = {0};
    readBlocks(
        () -> {
          indexes[depth - 1] = index[0]++;
          item.read();
        });
    leave();
  }

  /** Reads a map, whose keys must differ; each value stands at a path of its own. */
  void readEntries(ReadEntry entry) throws IOException {
    Set<String> keys = new HashSet<>();
    readBlocks(
        () -> {
          int at = position;
          String key = readString();
          if (!keys.add(key)) {
            throw malformed(
                "duplicate-key: '%s' is there twice, again at byte %d"
                    .formatted(Excerpts.of(key), at));
          }
          enter(key);
          entry.read(key);
          leave();
        });
  }

  private void readBlocks(ReadNext item) throws IOException {
    while (true) {
      int at = position;
      long count = readLong();
      if (count == 0) {
        return;
      }
      if (count > 0) {
        readItems(count, item);
        continue;
      }
      int length = readLength("block");
      int start = position;
      // The smallest long has no opposite; so many items are never there.
      readItems(count == Long.MIN_VALUE ? Long.MAX_VALUE : -count, item);
      if (position - start != length) {
        throw malformed(
            "block: the block at byte %d says that it has %d bytes, and has %d"
                .formatted(at, length, position - start));
      }
    }
  }

  private void readItems(long count, ReadNext item) throws IOException {
    for (long left = count; left > 0; left--) {
      int before = position;
      item.read();
      if (position == before && ++itemsWithoutBytes > MOST_ITEMS_WITHOUT_BYTES) {
        throw malformed(
            "too-many: more than %d items of arrays take no bytes"
                .formatted(MOST_ITEMS_WITHOUT_BYTES));
      }
    }
  }

  /** Goes into a field or a map's value; null for the items of an array. */
  void enter(@Nullable String name) throws RejectedEventException {
    if (depth == DEEPEST_NESTING) {
      throw malformed("too-deep: values are nested deeper than " + DEEPEST_NESTING);
    }
    names[depth++] = name;
  }

  void leave() {
    depth--;
  }

  /** The path at which the reader stands, as {@link EventPath} writes it; empty for the event. */
  String path() {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      if (names[i] == null) {
        path.append('[').append(indexes[i]).append(']');
      } else {
        path.append(path.length() == 0 ? "" : ".").append(EventPath.escaped(names[i]));
      }
    }
    return path.toString();
  }

  /** Notes what the contract does not allow; the first counts. Always null, for the value. */
  @Nullable
  Object broken(String rule, String reason) {
    if (broken == null) {
      broken = new DecodedEvent.Rejected(rule, Excerpts.printable(reason));
    }
    return null;
  }

  /** What was noted. */
  Optional<DecodedEvent.Rejected> broken() {
    return Optional.ofNullable(broken);
  }

  /** A length that the bytes left can satisfy. */
  private int readLength(String what) throws RejectedEventException {
    int at = position;
    long length = readLong();
    if (length < 0) {
      throw malformed("length: the %s at byte %d has %d bytes".formatted(what, at, length));
    }
    checkLeft(length, what, at);
    return (int) length;
  }

  /** Goes on by so many bytes, of which the first is returned. */
  private int take(int length, String what) throws RejectedEventException {
    checkLeft(length, what, position);
    position += length;
    return position - length;
  }

  private void checkLeft(long length, String what, int at) throws RejectedEventException {
    if (length > bytes.length - position) {
      throw malformed(
          "truncated: the %s at byte %d takes %d bytes, %d are left"
              .formatted(what, at, length, bytes.length - position));
    }
  }

  private long varint(int longest) throws RejectedEventException {
    int at = position;
    long value = 0;
    for (int i = 0; i < longest; i++) {
      if (position == bytes.length) {
        throw malformed("truncated: the payload ends within the number at byte %d".formatted(at));
      }
      byte next = bytes[position++];
      value |= (next & 0x7FL) << (7 * i);
      if (next >= 0 && (i < LONGEST_LONG - 1 || next <= 1)) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw malformed(
        "number: the number at byte %d does not end within %d bytes".formatted(at, longest));
  }

  private ByteBuffer littleEndian(int length, String what) throws RejectedEventException {
    return ByteBuffer.wrap(bytes, take(length, what), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static RejectedEventException malformed(String reason) {
    return new RejectedEventException(MALFORMED, reason);
  }

  /** Reads one more item. */
  @FunctionalInterface
  interface ReadNext {
    void read() throws IOException;
  }

  /** Reads the value of a key. */
  @FunctionalInterface
  interface ReadEntry {
    void read(String key) throws IOException;
  }
}
