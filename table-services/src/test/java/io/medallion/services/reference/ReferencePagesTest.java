package io.medallion.services.reference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.medallion.io.MetricCatalog;
import io.medallion.io.Progress;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReferencePagesTest {
  private static final String WRITE = "medallion.write-docs";
  private static final String COMMAND =
      "mvn -q -pl table-services -am test -Dtest=ReferencePagesTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -D"
          + WRITE
          + "=true";

  static Stream<Arguments> pages() throws IOException {
    return Stream.of(
        Arguments.of("tables.md", TablesPage.text()),
        Arguments.of("metrics.md", MetricsPage.text()),
        Arguments.of("configuration.md", ConfigurationPage.text()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pages")
  void aReferencePageSaysWhatTheCodeDoes(String name, String text) throws IOException {
    Path page = Path.of("../docs").resolve(name);
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(page, text);
    }

    assertThat(Files.exists(page) ? Files.readString(page) : "")
        .as("docs/%s is stale. Write it anew: %s", name, COMMAND)
        .isEqualTo(text);
  }

  @Test
  void everyCounterOfACommitIsAMetric() throws IllegalAccessException {
    List<String> metrics = MetricCatalog.ofJobs().stream().map(MetricCatalog.Metric::name).toList();

    for (Field field : Progress.class.getFields()) {
      if (field.getType() == String.class) {
        assertThat(metrics).contains(((String) field.get(null)).replace(".", ""));
      }
    }
  }

  @Test
  void everySettingOfTheClusterIsFound() throws IOException {
    Map<String, String> settings = new TreeMap<>();
    flatten("", new YAMLMapper().readTree(ClusterSettings.FILE.toFile()), settings);

    assertThat(ClusterSettings.read().stream().map(ClusterSettings.Setting::key))
        .containsExactlyInAnyOrderElementsOf(settings.keySet());
    assertThat(ClusterSettings.read())
        .allSatisfy(
            setting ->
                assertThat(words(setting.value())).isEqualTo(words(settings.get(setting.key()))));
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.strip().split("\\s+"));
  }

  private static void flatten(String path, JsonNode node, Map<String, String> settings) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue(),
                      settings));
    } else {
      settings.put(path, node.asText());
    }
  }
}
