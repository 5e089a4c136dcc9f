package io.medallion.schemas;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.util.TimeUtils;

/**
 * One mapping of {@code pipeline.yaml}: hands out typed values and records a problem for each that
 * is missing or of another type. A value with a problem reads as absent, so reading goes on.
 */
final class Section {
  private final String file;
  private final String path;
  private final YamlNode.Mapping mapping;
  private final Problems problems;

  Section(String file, String path, YamlNode.Mapping mapping, Problems problems) {
    this.file = file;
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
  }

  /** Refuses every key that is not known. */
  Section onlyKeys(PipelineKeys known) {
    List<String> keys = known.names();
    mapping.entries().keySet().stream()
        .filter(key -> !keys.contains(key))
        .forEach(
            key ->
                problem(
                    key,
                    "an unknown key",
                    (keys.size() == 1 ? "only " : "one of ") + String.join(", ", keys),
                    NearestWord.of(key, keys)
                        .map(nearest -> "Did you mean " + nearest + "?")
                        .orElse("Remove it.")));
    return this;
  }

  /** The same mapping as if some keys were not there. */
  Section without(String... keys) {
    Map<String, YamlNode> entries = new LinkedHashMap<>(mapping.entries());
    entries.keySet().removeAll(List.of(keys));
    return new Section(file, path, new YamlNode.Mapping(mapping.line(), entries), problems);
  }

  boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  List<String> keys() {
    return List.copyOf(mapping.entries().keySet());
  }

  /** The path of a key from the top of the file. */
  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  String where(String key) {
    YamlNode node = mapping.entries().get(key);
    return file + ":" + (node == null ? mapping.line() : node.line());
  }

  Problems problems() {
    return problems;
  }

  void problem(String key, String value, String expected, String remedy) {
    problems.add(where(key), path(key), value, expected, remedy);
  }

  /** A problem with one text of a list, or with the text that stands for a list of one. */
  void itemProblem(String key, String item, String value, String expected, String remedy) {
    if (mapping.entries().get(key) instanceof YamlNode.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        if (sequence.items().get(i) instanceof YamlNode.Scalar scalar
            && scalar.text().equals(item)) {
          problems.add(
              file + ":" + scalar.line(), path(key) + "[" + i + "]", value, expected, remedy);
          return;
        }
      }
    }
    problem(key, value, expected, remedy);
  }

  /** A key that must be there; {@code expected} and {@code example} say what to write. */
  Optional<String> required(String key, String expected, String example) {
    if (!has(key)) {
      missing(key, expected, example);
    }
    return text(key, expected, example);
  }

  /** A text, number or boolean as it was written. */
  Optional<String> text(String key, String expected, String example) {
    YamlNode node = mapping.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof YamlNode.Scalar scalar && !scalar.text().isBlank()) {
      return Optional.of(scalar.text());
    }
    problem(key, node.description(), expected, "Write for example " + example + ".");
    return Optional.empty();
  }

  /** A duration of so much at least. */
  Optional<Duration> duration(String key, Duration least, String expected, String example) {
    Optional<String> text = text(key, expected, example);
    Optional<Duration> duration =
        text.flatMap(Section::duration).filter(found -> found.compareTo(least) >= 0);
    if (text.isPresent() && duration.isEmpty()) {
      problem(key, text.get(), expected, "Write for example " + example + ".");
    }
    return duration;
  }

  /** {@code 30s}, {@code 5 min} as Flink reads it, or ISO 8601's {@code PT30S}. */
  private static Optional<Duration> duration(String text) {
    try {
      return text.matches("[0-9]+\\s*[a-zA-Z]+")
          ? Optional.of(TimeUtils.parseDuration(text))
          : Optional.of(Duration.parse(text));
    } catch (DateTimeParseException | IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** As {@link #text}, and matching a pattern. */
  Optional<String> requiredName(String key, String expected, String example, Pattern pattern) {
    Optional<String> name = required(key, expected, example);
    name.filter(text -> !pattern.matcher(text).matches())
        .ifPresent(text -> problem(key, text, expected, "Write for example " + example + "."));
    return name;
  }

  /** A list of texts that must be there and hold something; one text stands for a list of one. */
  List<String> requiredTexts(String key, String expected, String example) {
    if (!has(key)) {
      missing(key, expected, example);
    }
    List<String> texts = texts(key, expected, example);
    if (mapping.entries().get(key) instanceof YamlNode.Sequence sequence
        && sequence.items().isEmpty()) {
      problem(key, "an empty list", expected, "Write for example " + example + ".");
    }
    return texts;
  }

  /** A list of texts; one text stands for a list of one. */
  List<String> texts(String key, String expected, String example) {
    YamlNode node = mapping.entries().get(key);
    if (!(node instanceof YamlNode.Sequence sequence)) {
      return text(key, expected, example).map(List::of).orElse(List.of());
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      YamlNode item = sequence.items().get(i);
      String where = file + ":" + item.line();
      String itemPath = path(key) + "[" + i + "]";
      if (!(item instanceof YamlNode.Scalar scalar) || scalar.text().isBlank()) {
        problems.add(
            where, itemPath, item.description(), "a text", "Write for example " + example + ".");
      } else if (texts.contains(scalar.text())) {
        problems.add(
            where,
            itemPath,
            scalar.text() + " a second time",
            "each once",
            "Remove one of the two.");
      } else {
        texts.add(scalar.text());
      }
    }
    return texts;
  }

  boolean isList(String key) {
    return mapping.entries().get(key) instanceof YamlNode.Sequence;
  }

  boolean isMapping(String key) {
    return mapping.entries().get(key) instanceof YamlNode.Mapping;
  }

  /** A mapping that must be there. */
  Optional<Section> requiredSection(String key, String expected, String example) {
    if (!has(key)) {
      missing(key, expected, example);
    }
    return section(key, expected, example);
  }

  /** A mapping below this one. */
  Optional<Section> section(String key, String expected, String example) {
    YamlNode node = mapping.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof YamlNode.Mapping below) {
      return Optional.of(new Section(file, path(key), below, problems));
    }
    problem(key, node.description(), expected, "Write for example " + example + ".");
    return Optional.empty();
  }

  /** Every entry as a mapping, in the order of the file. */
  Map<String, Section> sections(String expected, String example) {
    Map<String, Section> sections = new LinkedHashMap<>();
    keys()
        .forEach(
            key -> section(key, expected, example).ifPresent(below -> sections.put(key, below)));
    return sections;
  }

  private void missing(String key, String expected, String example) {
    problem(key, "nothing", expected, "Add for example " + example + ".");
  }
}
