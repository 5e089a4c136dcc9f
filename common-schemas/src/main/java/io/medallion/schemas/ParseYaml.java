package io.medallion.schemas;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a YAML file into nodes that know their line; a key given twice is a problem. */
final class ParseYaml {
  private final String file;
  private final YAMLParser parser;
  private final Problems problems;

  private ParseYaml(String file, YAMLParser parser, Problems problems) {
    this.file = file;
    this.parser = parser;
    this.problems = problems;
  }

  /** The mapping that the file holds, or empty when it holds none; then a problem says why. */
  static Optional<YamlNode.Mapping> parse(String file, String text, Problems problems) {
    try (YAMLParser parser = new YAMLFactory().createParser(text)) {
      return new ParseYaml(file, parser, problems).document();
    } catch (JsonProcessingException e) {
      JsonLocation location = e.getLocation();
      problems.add(
          location == null
              ? file
              : file + ":" + location.getLineNr() + ":" + location.getColumnNr(),
          "file",
          "text that is not YAML (" + e.getOriginalMessage().lines().findFirst().orElse("") + ")",
          "a YAML mapping",
          "Correct the indentation, quotes or brackets there.");
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<YamlNode.Mapping> document() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      problems.add(
          file,
          "file",
          parser.currentToken() == null ? "an empty file" : "a file that is not a mapping",
          "a YAML mapping",
          "Start with the line pipeline: <name>.");
      return Optional.empty();
    }
    YamlNode.Mapping root = mapping("");
    if (parser.nextToken() != null) {
      problems.add(
          file + ":" + line(),
          "file",
          "a second YAML document",
          "one document",
          "Remove the line --- and put another pipeline into a folder of its own.");
    }
    return Optional.of(root);
  }

  private YamlNode node(String path) throws IOException {
    JsonToken token = parser.currentToken();
    if (parser.isCurrentAlias()) {
      problems.add(
          file + ":" + line(),
          path,
          "the YAML alias *" + parser.getText(),
          "the value itself",
          "Write the value out; anchors and aliases are not read.");
      return new YamlNode.Nothing(line());
    }
    return switch (token) {
      case START_OBJECT -> mapping(path);
      case START_ARRAY -> sequence(path);
      case VALUE_NULL -> new YamlNode.Nothing(line());
      default -> new YamlNode.Scalar(line(), parser.getText());
    };
  }

  private YamlNode.Mapping mapping(String path) throws IOException {
    int line = line();
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String keyPath = path.isEmpty() ? key : path + "." + key;
      int keyLine = line();
      parser.nextToken();
      YamlNode value = node(keyPath);
      if (entries.putIfAbsent(key, value) != null) {
        problems.add(
            file + ":" + keyLine,
            keyPath,
            "the key a second time",
            "each key once",
            "Remove one of the two, or rename it.");
      }
    }
    return new YamlNode.Mapping(line, entries);
  }

  private YamlNode.Sequence sequence(String path) throws IOException {
    int line = line();
    List<YamlNode> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(path + "[" + items.size() + "]"));
    }
    return new YamlNode.Sequence(line, items);
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }
}
