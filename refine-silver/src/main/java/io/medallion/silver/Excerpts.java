package io.medallion.silver;

/** Short pieces of an event for reasons: never all of it, and safe to print on a terminal. */
final class Excerpts {
  private static final int LONGEST = 40;

  private Excerpts() {}

  /** The text, or its first 40 characters and an ellipsis. */
  static String of(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end) + "…";
  }

  /** The text with a space for every control character: an event must not steer a terminal. */
  static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
