package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ImageTest {
  private static final String DOCKERFILE =
      Repository.text("docker/Dockerfile").replace("\\\n", " ");

  @Test
  void theImageIsFlinkOfTheVersionTheBuildUses() {
    assertThat(DOCKERFILE)
        .contains("FROM flink:" + Repository.version("flink.version") + "-scala_2.12-java17\n");
  }

  @Test
  void everyCopiedPathIsAFileOfTheRepositoryOrOfTheBuild() {
    List<String> built = new ArrayList<>(Repository.jobJars());
    // What ./medallion runs.
    built.addAll(List.of("table-services/target/classes", "table-services/target/lib"));

    assertThat(copied())
        .containsAll(built)
        .allSatisfy(
            source -> {
              if (!built.contains(source)) {
                assertThat(Repository.file(source)).exists();
              }
            });
  }

  @Test
  void everyCopiedPathIsSentToTheBuild() {
    List<String> sent =
        Repository.text("docker/Dockerfile.dockerignore")
            .lines()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();

    assertThat(sent).containsExactlyInAnyOrderElementsOf(copied());
  }

  @Test
  void everySettingThatTheImageReplacesHasThatValueInTheClusterConfiguration() {
    Map<String, String> configuration =
        Repository.scalars(Repository.yaml("flink-conf/src/main/conf/config.yaml"));
    Matcher replaced =
        Pattern.compile("-re?pKV ([^,\\s]+),([^,\\s]+),|-rmKV ([^=\\s]+)=(\\S+)")
            .matcher(DOCKERFILE);

    List<String> keys = new ArrayList<>();
    while (replaced.find()) {
      String key = replaced.group(1) != null ? replaced.group(1) : replaced.group(3);
      String value = replaced.group(1) != null ? replaced.group(2) : replaced.group(4);
      keys.add(key);
      assertThat(configuration).containsEntry(key, value);
    }

    assertThat(keys)
        .containsExactly(
            "rest.bind-address",
            "jobmanager.bind-host",
            "taskmanager.bind-host",
            "taskmanager.host");
  }

  private static List<String> copied() {
    return DOCKERFILE
        .lines()
        .filter(line -> line.startsWith("COPY "))
        .map(line -> line.split("\\s+"))
        .flatMap(words -> Arrays.stream(words, 1, words.length - 1))
        .filter(word -> !word.startsWith("--"))
        .toList();
  }
}
