package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComposeFileTest {
  private static final Map<String, Object> COMPOSE = Repository.yaml("docker/compose.yaml");
  private static final Map<String, Object> SERVICES = Repository.map(COMPOSE.get("services"));
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theFileFollowsTheComposeSpecification() throws IOException {
    assertThat(schema().validate(JSON.valueToTree(COMPOSE))).isEmpty();
  }

  @Test
  void theSchemaRefusesAKeyThatComposeDoesNotKnow() throws IOException {
    Map<String, Object> misspelt = Map.of("services", Map.of("kafka", Map.of("imagee", "kafka")));

    assertThat(schema().validate(JSON.valueToTree(misspelt)))
        .singleElement()
        .asString()
        .contains("imagee");
  }

  @Test
  void everyPublishedPortIsOnLoopback() {
    List<String> ports = new ArrayList<>();
    SERVICES.forEach(
        (name, service) -> {
          Object published = Repository.map(service).get("ports");
          if (published != null) {
            Repository.list(published).forEach(port -> ports.add(port.toString()));
          }
        });

    assertThat(ports)
        .containsExactlyInAnyOrder(
            "127.0.0.1:29092:29092",
            "127.0.0.1:8081:8081",
            "127.0.0.1:9090:9090",
            "127.0.0.1:3000:3000");
  }

  @Test
  void everyServiceThatStaysUpHasAHealthCheck() {
    assertThat(SERVICES)
        .allSatisfy(
            (name, service) -> {
              boolean staysUp = "unless-stopped".equals(Repository.map(service).get("restart"));
              assertThat(Repository.map(service).containsKey("healthcheck")).isEqualTo(staysUp);
            });
  }

  @Test
  void imagesAreOfTheVersionsTheBuildUses() {
    List<String> images =
        SERVICES.values().stream()
            .map(service -> Repository.map(service).get("image").toString())
            .distinct()
            .toList();

    assertThat(images)
        .contains("apache/kafka:" + Repository.version("kafka.version"))
        .contains("medallion:" + Repository.version("version"))
        .allSatisfy(image -> assertThat(image).matches(".+:v?\\d+\\.\\d+\\.\\d+.*"));
  }

  @Test
  void everyMountedFolderOrVolumeExists() {
    Map<String, Object> volumes = Repository.map(COMPOSE.get("volumes"));
    SERVICES.forEach(
        (name, service) -> {
          Object mounts = Repository.map(service).get("volumes");
          if (mounts == null) {
            return;
          }
          for (Object mount : Repository.list(mounts)) {
            String source = mount.toString().split(":", -1)[0];
            if (source.startsWith("./")) {
              assertThat(Repository.file("docker").resolve(source)).exists();
            } else {
              assertThat(volumes).containsKey(source);
            }
          }
        });
  }

  @Test
  void theDefaultPipelineIsAFolderOfTheImage() {
    Map<String, Object> jobs = Repository.map(SERVICES.get("jobs"));

    assertThat(Repository.map(jobs.get("environment")))
        .containsEntry("PIPELINE", "${PIPELINE:-transactions}");
    assertThat(Repository.file("pipelines/transactions/pipeline.yaml")).exists();
  }

  @Test
  void theTopicThatIsCreatedIsTheOneThatThePipelineReads() {
    Map<String, Object> source =
        Repository.map(Repository.yaml("pipelines/transactions/pipeline.yaml").get("source"));

    assertThat(Repository.list(source.get("topics"))).containsExactly("transactions");
    assertThat(Repository.list(Repository.map(SERVICES.get("topic")).get("command")))
        .contains("${TOPIC:-transactions}");
  }

  @Test
  void theDockerfileThatIsBuiltExists() {
    Map<String, Object> build =
        Repository.map(Repository.map(SERVICES.get("jobmanager")).get("build"));

    assertThat(
            Files.exists(
                Repository.file("docker")
                    .resolve(build.get("context").toString())
                    .resolve(build.get("dockerfile").toString())))
        .isTrue();
  }

  private static JsonSchema schema() throws IOException {
    try (InputStream file =
        ComposeFileTest.class.getResourceAsStream("/compose-spec/compose-spec.json")) {
      JsonNode schema = JSON.readTree(file);
      // Names from an older draft, which no reference uses and the declared draft does not know.
      schema.findParents("id").stream()
          .filter(parent -> parent.get("id").isTextual())
          .forEach(parent -> ((ObjectNode) parent).remove("id"));
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V201909).getSchema(schema);
    }
  }
}
