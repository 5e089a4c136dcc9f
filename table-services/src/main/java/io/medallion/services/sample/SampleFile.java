package io.medallion.services.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.Problem;
import io.medallion.services.sample.GeneratedSample.Invalid;
import io.medallion.services.sample.GeneratedSample.OutOfOrder;
import io.medallion.services.sample.GeneratedSample.Revision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IllegalFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.util.TimeUtils;

/** Reads a pipeline folder's {@code sample.yaml}, and says everything that is wrong with it. */
public final class SampleFile {
  /** The file's name within a pipeline folder. */
  public static final String NAME = "sample.yaml";

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                  .build())
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final Path folder;
  private final List<Problem> problems = new ArrayList<>();

  private SampleFile(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads the sample of a pipeline.
   *
   * @throws InvalidConfigurationException with everything that is wrong
   */
  public static SampleDefinition read(Path pipelineFolder) {
    SampleFile file = new SampleFile(pipelineFolder);
    SampleDefinition sample = file.parse();
    if (!file.problems.isEmpty()) {
      throw new InvalidConfigurationException(
          "Sample " + pipelineFolder.resolve(NAME), file.problems);
    }
    return sample;
  }

  private SampleDefinition parse() {
    Path path = folder.resolve(NAME);
    if (!Files.isRegularFile(path)) {
      problem(
          "",
          "no file",
          "a file " + path,
          "Declare there what to send, or send a file with --file.");
      return new RecordedSample("", List.of());
    }
    try {
      JsonNode root = YAML.readTree(path.toFile());
      if (!root.isObject()) {
        problem("", "no keys", "keys such as key and fields", "See pipelines/*/" + NAME + ".");
        return new RecordedSample("", List.of());
      }
      Section section = new Section("", root);
      return root.has("file") ? recorded(section) : generated(section);
    } catch (JsonProcessingException e) {
      problem(
          e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr(),
          e.getOriginalMessage().lines().findFirst().orElse(""),
          "YAML",
          "Correct the line.");
      return new RecordedSample("", List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RecordedSample recorded(Section root) {
    root.onlyKeys("file", "key", "then");
    List<Path> files = new ArrayList<>();
    for (String key : List.of("file", "then")) {
      if (root.has(key)) {
        String name = root.text(key);
        Path file = folder.resolve(name);
        if (!name.isEmpty() && !Files.isRegularFile(file)) {
          root.problem(key, name, "a file in " + folder, "Correct the name or add the file.");
        }
        files.add(file);
      }
    }
    return new RecordedSample(root.text("key"), files);
  }

  private GeneratedSample generated(Section root) {
    root.onlyKeys(
        "key",
        "fields",
        "duplicates",
        "out-of-order",
        "corrections",
        "reversals",
        "invalid",
        "corrupt");
    Map<String, ValueGenerator> fields = fields(root);
    Set<String> names = fields.keySet();
    String key = root.text("key");
    if (!key.isEmpty() && !names.contains(key)) {
      root.problem(
          "key", key, "one of the fields " + names, "Name the field whose value is the Kafka key.");
    }
    Set<String> eventTimes =
        fields.entrySet().stream()
            .filter(field -> field.getValue() instanceof ValueGenerator.EventTime)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    GeneratedSample sample =
        new GeneratedSample(
            key,
            fields,
            shareOf(root, "duplicates"),
            outOfOrder(root, eventTimes),
            revision(root, "corrections", names, eventTimes),
            revision(root, "reversals", names, eventTimes),
            invalid(root, names),
            shareOf(root, "corrupt"));
    double shares =
        sample.duplicates()
            + sample.outOfOrder().share()
            + sample.corrections().share()
            + sample.reversals().share()
            + sample.invalid().share()
            + sample.corrupt();
    if (shares >= 1) {
      root.problem(
          "*.share",
          "%.0f%% together".formatted(shares * 100),
          "less than 100%",
          "What is left are the events in order.");
    }
    return sample;
  }

  private Map<String, ValueGenerator> fields(Section root) {
    Map<String, ValueGenerator> fields = new LinkedHashMap<>();
    Section section = root.section("fields");
    section.names().forEach(name -> fields.put(name, generator(section.section(name))));
    if (root.has("fields") && fields.isEmpty()) {
      root.problem("fields", "none", "at least one field", "Declare the event's fields.");
    }
    return fields;
  }

  private ValueGenerator generator(Section field) {
    if (field.has("sequence")) {
      field.onlyKeys("sequence");
      return new ValueGenerator.Sequence(field.format("sequence"));
    } else if (field.has("constant")) {
      field.onlyKeys("constant");
      return new ValueGenerator.Constant(field.node("constant"));
    } else if (field.has("zipf")) {
      field.onlyKeys("zipf", "exponent", "format");
      return new ValueGenerator.Zipf(
          (int) field.number("zipf", 1, 10_000_000),
          field.number("exponent", 0, 10),
          field.format("format"));
    } else if (field.has("log-normal")) {
      field.onlyKeys("log-normal", "scale", "negative");
      List<Double> parameters = field.numbers("log-normal");
      if (parameters.size() != 2) {
        field.problem(
            "log-normal",
            field.node("log-normal").toString(),
            "two numbers",
            "Give the mean and the deviation of the logarithm, e.g. [3.4, 1.1].");
        parameters = List.of(0.0, 1.0);
      }
      return new ValueGenerator.LogNormal(
          parameters.get(0),
          parameters.get(1),
          (int) field.number("scale", 0, 18),
          field.has("negative") ? field.share("negative") : 0);
    } else if (field.has("one-of")) {
      field.onlyKeys("one-of");
      return new ValueGenerator.OneOf(field.section("one-of").weights());
    } else if (field.has("event-time")) {
      field.onlyKeys("event-time");
      String unit = field.text("event-time");
      if (!unit.equals("epoch-millis")) {
        field.problem(
            "event-time", unit, "epoch-millis", "It is the only way to write event time.");
      }
      return new ValueGenerator.EventTime(ValueGenerator.EventTime.Unit.EPOCH_MILLIS);
    }
    problem(
        field.path,
        field.names().isEmpty() ? "no generator" : String.join(", ", field.names()),
        "one of " + String.join(", ", ValueGenerator.NAMES),
        "Say how the field gets its values.");
    return new ValueGenerator.Constant(YAML.nullNode());
  }

  private double shareOf(Section root, String key) {
    if (!root.has(key)) {
      return 0;
    }
    Section section = root.section(key);
    section.onlyKeys("share");
    return section.share("share");
  }

  private OutOfOrder outOfOrder(Section root, Set<String> eventTimes) {
    if (!root.has("out-of-order")) {
      return OutOfOrder.NONE;
    }
    Section section = root.section("out-of-order");
    section.onlyKeys("share", "sent-late-by", "event-time-back");
    requireEventTime(section, eventTimes);
    List<Duration> back =
        section.has("event-time-back")
            ? section.durations("event-time-back")
            : OutOfOrder.NONE.eventTimeBack();
    return new OutOfOrder(section.share("share"), section.duration("sent-late-by"), back);
  }

  private Revision revision(Section root, String key, Set<String> fields, Set<String> eventTimes) {
    if (!root.has(key)) {
      return Revision.NONE;
    }
    Section section = root.section(key);
    section.onlyKeys("share", "set", "keep", "redraw");
    requireEventTime(section, eventTimes);
    Map<String, JsonNode> set =
        section.has("set") ? section.section("set").values(fields) : Map.of();
    Set<String> keep = section.has("keep") ? section.fields("keep", fields) : Set.of();
    Set<String> redraw = section.has("redraw") ? section.fields("redraw", fields) : Set.of();
    if (!eventTimes.isEmpty() && eventTimes.stream().noneMatch(redraw::contains)) {
      section.problem(
          "redraw",
          redraw.toString(),
          "the event time " + String.join(", ", eventTimes) + " among them",
          "A revision is later than what it revises.");
    }
    String recordKey = root.text("key");
    if (fields.contains(recordKey) && !keep.contains(recordKey)) {
      section.problem(
          "keep",
          keep.toString(),
          "the key " + recordKey + " among them",
          "A revision is about the same key.");
    }
    return new Revision(section.share("share"), set, keep, redraw);
  }

  private Invalid invalid(Section root, Set<String> fields) {
    if (!root.has("invalid")) {
      return Invalid.NONE;
    }
    Section section = root.section("invalid");
    section.onlyKeys("share", "one-of");
    List<Map<String, JsonNode>> variants = new ArrayList<>();
    int index = 0;
    for (JsonNode variant : section.list("one-of")) {
      variants.add(new Section(section.path("one-of[" + index + "]"), variant).values(fields));
      index++;
    }
    if (section.has("one-of") && variants.isEmpty()) {
      section.problem(
          "one-of", "none", "at least one variant", "Say what is wrong with an invalid event.");
    }
    return new Invalid(section.share("share"), variants);
  }

  private void requireEventTime(Section section, Set<String> eventTimes) {
    if (eventTimes.isEmpty()) {
      problem(
          section.path,
          "no field with event-time",
          "one",
          "Declare when an event happened, e.g. { event-time: epoch-millis }.");
    }
  }

  private void problem(String key, String found, String expected, String remedy) {
    problems.add(new Problem(NAME, key.isEmpty() ? "the file" : key, found, expected, remedy));
  }

  /** One mapping of the file and where it is. */
  private final class Section {
    private final String path;
    private final JsonNode node;

    Section(String path, JsonNode node) {
      this.path = path;
      this.node = node;
      if (!node.isObject() && !node.isMissingNode()) {
        SampleFile.this.problem(
            path, node.toString(), "keys with values, { key: value }", "Write it as a mapping.");
      }
    }

    String path(String key) {
      return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
      return node.has(key);
    }

    List<String> names() {
      List<String> names = new ArrayList<>();
      node.fieldNames().forEachRemaining(names::add);
      return names;
    }

    void problem(String key, String found, String expected, String remedy) {
      SampleFile.this.problem(path(key), found, expected, remedy);
    }

    void onlyKeys(String... known) {
      Set<String> keys = new HashSet<>(List.of(known));
      for (String name : names()) {
        if (!keys.contains(name)) {
          problem(
              name,
              "an unknown key",
              "one of " + String.join(", ", known),
              "Correct the spelling or remove it.");
        }
      }
    }

    Section section(String key) {
      return new Section(path(key), given(key, "keys with values, { key: value }"));
    }

    JsonNode node(String key) {
      return node.path(key);
    }

    String text(String key) {
      JsonNode value = given(key, "a text");
      if (!value.isMissingNode() && !value.isValueNode()) {
        problem(key, value.toString(), "a text", "Write one value.");
      }
      return value.asText("");
    }

    String format(String key) {
      String format = text(key);
      try {
        if (!format.isEmpty() && String.format(Locale.ROOT, format, 1L).equals(format)) {
          problem(key, format, "a place for a number", "Add one, e.g. T%010d.");
        }
      } catch (IllegalFormatException e) {
        problem(key, format, "a format of one whole number", "Write it as in Java, e.g. T%010d.");
      }
      return format;
    }

    double share(String key) {
      String text = text(key);
      if (text.isEmpty()) {
        return 0;
      }
      try {
        double share =
            text.endsWith("%")
                ? Double.parseDouble(text.substring(0, text.length() - 1).trim()) / 100
                : Double.NaN;
        if (share >= 0 && share <= 1) {
          return share;
        }
      } catch (NumberFormatException e) {
        // Said below, with everything else that is no share.
      }
      problem(key, text, "a share from 0% to 100%", "Write it with a percent sign, e.g. 2%.");
      return 0;
    }

    double number(String key, double least, double most) {
      JsonNode value = given(key, "a number");
      if (!value.isMissingNode()
          && (!value.isNumber() || value.asDouble() < least || value.asDouble() > most)) {
        problem(
            key,
            value.toString(),
            "a number from %.0f to %.0f".formatted(least, most),
            "Correct the number.");
        return least;
      }
      return value.asDouble(least);
    }

    List<Double> numbers(String key) {
      List<Double> numbers = new ArrayList<>();
      for (JsonNode value : list(key)) {
        if (value.isNumber()) {
          numbers.add(value.asDouble());
        }
      }
      return numbers;
    }

    Duration duration(String key) {
      return duration(key, text(key));
    }

    List<Duration> durations(String key) {
      List<Duration> durations = new ArrayList<>();
      list(key).forEach(value -> durations.add(duration(key, value.asText())));
      if (durations.isEmpty()) {
        durations.add(Duration.ZERO);
      }
      return durations;
    }

    Map<String, Double> weights() {
      Map<String, Double> weights = new LinkedHashMap<>();
      for (String name : names()) {
        double weight = node.get(name).asDouble(0);
        if (weight <= 0) {
          problem(
              name,
              node.get(name).toString(),
              "a weight above 0",
              "Weights need not add up to 100.");
        }
        weights.put(name, weight);
      }
      if (weights.isEmpty()) {
        SampleFile.this.problem(
            path, "no values", "values with weights, { EU: 30, US: 70 }", "Give at least one.");
        weights.put("", 1.0);
      }
      return weights;
    }

    Map<String, JsonNode> values(Set<String> fields) {
      Map<String, JsonNode> values = new LinkedHashMap<>();
      for (String name : names()) {
        requireField(name, name, fields);
        values.put(name, node.get(name));
      }
      return values;
    }

    Set<String> fields(String key, Set<String> fields) {
      Set<String> names = new HashSet<>();
      for (JsonNode name : list(key)) {
        requireField(key, name.asText(), fields);
        names.add(name.asText());
      }
      return names;
    }

    List<JsonNode> list(String key) {
      JsonNode value = given(key, "a list");
      if (!value.isMissingNode() && !value.isArray()) {
        problem(key, value.toString(), "a list", "Write it in brackets.");
      }
      List<JsonNode> items = new ArrayList<>();
      if (value.isArray()) {
        value.forEach(items::add);
      }
      return items;
    }

    private void requireField(String key, String name, Set<String> fields) {
      if (!fields.contains(name)) {
        problem(
            key, name, "one of the fields " + fields, "Correct the spelling or declare the field.");
      }
    }

    private Duration duration(String key, String text) {
      try {
        return text.isEmpty() ? Duration.ZERO : TimeUtils.parseDuration(text);
      } catch (IllegalArgumentException e) {
        problem(key, text, "a duration", "Write a number and a unit, e.g. 5s or 1d.");
        return Duration.ZERO;
      }
    }

    private JsonNode given(String key, String expected) {
      if (!node.has(key) && node.isObject()) {
        problem(key, "nothing", expected, "Add the key.");
      }
      return node.path(key);
    }
  }
}
