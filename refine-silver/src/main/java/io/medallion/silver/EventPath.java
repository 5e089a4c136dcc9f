package io.medallion.silver;

import com.fasterxml.jackson.core.JsonStreamContext;

/**
 * Where in an event the parser stands, e.g. {@code items[2].price}. A dot, bracket or backslash in
 * a field's name is written with a backslash, so that two places never share a path.
 */
final class EventPath {
  private EventPath() {}

  /** The path of the value or field name that the parser has just read; empty for the event. */
  static String of(JsonStreamContext context) {
    StringBuilder path = new StringBuilder();
    append(context, path);
    return path.toString();
  }

  private static void append(JsonStreamContext context, StringBuilder path) {
    if (context.inRoot()) {
      return;
    }
    append(context.getParent(), path);
    if (context.inArray() && context.hasCurrentIndex()) {
      path.append('[').append(context.getCurrentIndex()).append(']');
    } else if (context.inObject() && context.hasCurrentName()) {
      if (path.length() > 0) {
        path.append('.');
      }
      path.append(escaped(context.getCurrentName()));
    }
  }

  /** A name as one piece of a path. */
  static String escaped(String name) {
    return name.replace("\\", "\\\\").replace(".", "\\.").replace("[", "\\[");
  }
}
