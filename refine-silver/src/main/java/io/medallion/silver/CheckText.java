package io.medallion.silver;

import java.util.Optional;

/**
 * Finds what the JSON parser lets pass: bytes that are not UTF-8 (overlong forms, surrogates), a
 * byte order mark, and escapes that leave half a surrogate pair.
 */
final class CheckText {
  private static final int ESCAPE_LENGTH = 6;

  private final CheckUtf8 checkUtf8 = new CheckUtf8();

  /** What is wrong with the text, or empty. */
  Optional<String> problem(byte[] text) {
    if (text.length == 0) {
      return Optional.of("empty: the payload has no bytes");
    }
    if (startsWithByteOrderMark(text)) {
      return Optional.of("byte-order-mark: the payload starts with EF BB BF");
    }
    int notUtf8 = checkUtf8.firstWrong(text, 0, text.length);
    if (notUtf8 >= 0) {
      return Optional.of("not-utf-8: byte %d is not UTF-8".formatted(notUtf8));
    }
    int loneSurrogate = firstLoneSurrogate(text);
    if (loneSurrogate >= 0) {
      return Optional.of(
          "lone-surrogate: the escape at byte %d is half a character".formatted(loneSurrogate));
    }
    return Optional.empty();
  }

  private static boolean startsWithByteOrderMark(byte[] text) {
    return text.length >= 3
        && text[0] == (byte) 0xEF
        && text[1] == (byte) 0xBB
        && text[2] == (byte) 0xBF;
  }

  private static int firstLoneSurrogate(byte[] text) {
    int i = 0;
    while (i < text.length) {
      if (text[i] != '\\') {
        i++;
      } else if (isLowSurrogate(text, i)) {
        return i;
      } else if (isHighSurrogate(text, i)) {
        if (!isLowSurrogate(text, i + ESCAPE_LENGTH)) {
          return i;
        }
        i += 2 * ESCAPE_LENGTH;
      } else {
        i += 2;
      }
    }
    return -1;
  }

  private static boolean isHighSurrogate(byte[] text, int at) {
    return isEscapeOfD(text, at) && "89ABab".indexOf(text[at + 3]) >= 0;
  }

  private static boolean isLowSurrogate(byte[] text, int at) {
    return isEscapeOfD(text, at) && "CDEFcdef".indexOf(text[at + 3]) >= 0;
  }

  private static boolean isEscapeOfD(byte[] text, int at) {
    return at + ESCAPE_LENGTH <= text.length
        && text[at] == '\\'
        && text[at + 1] == 'u'
        && (text[at + 2] == 'D' || text[at + 2] == 'd');
  }
}
