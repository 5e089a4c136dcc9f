package io.medallion.schemas;

import java.util.List;
import java.util.Map;

/**
 * A piece of a YAML file with the line it stands on. Scalars keep the text as it was written, so
 * that {@code NO}, {@code 007} and {@code 1.10} stay what they are.
 */
sealed interface YamlNode {
  /** The line it starts on, counted from one. */
  int line();

  /** How messages call it; never its content unless it is a scalar. */
  String description();

  /** Keys and values in the order of the file. */
  record Mapping(int line, Map<String, YamlNode> entries) implements YamlNode {
    @Override
    public String description() {
      return "a mapping";
    }
  }

  /** A list. */
  record Sequence(int line, List<YamlNode> items) implements YamlNode {
    @Override
    public String description() {
      return "a list";
    }
  }

  /** A text, number or boolean, as written. */
  record Scalar(int line, String text) implements YamlNode {
    @Override
    public String description() {
      return text.isBlank() ? "an empty text" : text;
    }
  }

  /** A key without a value. */
  record Nothing(int line) implements YamlNode {
    @Override
    public String description() {
      return "nothing";
    }
  }
}
