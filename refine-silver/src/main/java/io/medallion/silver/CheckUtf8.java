package io.medallion.silver;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Finds bytes that are not UTF-8: overlong forms and surrogates too. */
final class CheckUtf8 {
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer decoded = CharBuffer.allocate(8 * 1024);

  /** The first byte of a part of an array that is not UTF-8, counted from the array's, or -1. */
  int firstWrong(byte[] array, int from, int length) {
    ByteBuffer bytes = ByteBuffer.wrap(array, from, length);
    utf8.reset();
    CoderResult result;
    do {
      decoded.clear();
      result = utf8.decode(bytes, decoded, true);
    } while (result.isOverflow());
    return result.isError() ? bytes.position() : -1;
  }
}
