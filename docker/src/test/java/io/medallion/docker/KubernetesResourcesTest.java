package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesResourcesTest {
  @ParameterizedTest
  @ValueSource(strings = {"ingest-bronze", "refine-silver", "aggregate-gold"})
  void theResourceRunsTheJarOfItsModuleOnAPipelineOfTheImage(String job) {
    Map<String, String> resource = resource(job);

    assertThat(resource)
        .containsEntry("apiVersion", "flink.apache.org/v1beta1")
        .containsEntry("kind", "FlinkDeployment")
        .containsEntry("metadata.name", job)
        .containsEntry("spec.image", "medallion:" + Repository.version("version"))
        .containsEntry("spec.flinkVersion", "v1_20")
        .containsEntry("spec.job.jarURI", "local:///opt/medallion/" + job + ".jar")
        .containsEntry("spec.job.args[0]", "--pipeline")
        .containsEntry("spec.job.args[2]", "--warehouse")
        .containsEntry("spec.job.upgradeMode", "savepoint")
        .containsEntry(
            "spec.job.parallelism",
            resource.get("spec.flinkConfiguration.taskmanager.numberOfTaskSlots"));
    assertThat(Repository.jobJars()).contains(job + "/target/" + job + ".jar");
    assertThat(resource.get("spec.job.args[1]")).startsWith("/opt/medallion/pipelines/");
    String folder = resource.get("spec.job.args[1]").substring("/opt/medallion/".length());
    assertThat(Repository.file(folder).resolve("pipeline.yaml")).exists();
  }

  /** What correctness and the JVM rest on; the rest differs where a pod is not a machine. */
  @ParameterizedTest
  @ValueSource(strings = {"ingest-bronze", "refine-silver", "aggregate-gold"})
  void theResourceRepeatsTheClusterConfiguration(String job) {
    Map<String, String> expected = configured("", clusterConfiguration());

    assertThat(configured("spec.flinkConfiguration.", resource(job)))
        .containsAllEntriesOf(expected)
        .hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest-bronze", "refine-silver", "aggregate-gold"})
  void stateIsOnTheVolumeThatIsMounted(String job) {
    Map<String, String> resource = resource(job);
    Map<String, String> storage =
        Repository.scalars(Repository.yaml("docker/kubernetes/storage.yaml"));

    assertThat(resource)
        .containsEntry(
            "spec.podTemplate.spec.volumes[0].persistentVolumeClaim.claimName",
            storage.get("metadata.name"))
        .containsEntry("spec.podTemplate.spec.containers[0].volumeMounts[0].mountPath", "/data");
    assertThat(resource.get("spec.job.args[3]")).startsWith("file:///data/");
    for (String key :
        new String[] {
          "execution.checkpointing.dir",
          "execution.checkpointing.savepoint-dir",
          "high-availability.storageDir"
        }) {
      assertThat(resource.get("spec.flinkConfiguration." + key))
          .startsWith("file:///data/flink/" + job + "/");
    }
  }

  private static Map<String, String> resource(String job) {
    return Repository.scalars(Repository.yaml("docker/kubernetes/" + job + ".yaml"));
  }

  private static Map<String, String> clusterConfiguration() {
    return Repository.scalars(Repository.yaml("flink-conf/src/main/conf/config.yaml"));
  }

  private static Map<String, String> configured(String prefix, Map<String, String> scalars) {
    Map<String, String> settings = new TreeMap<>();
    scalars.forEach(
        (path, value) -> {
          if (!path.startsWith(prefix)) {
            return;
          }
          String key = path.substring(prefix.length());
          boolean storage = key.endsWith(".dir") || key.endsWith("-dir");
          if (!storage
              && key.matches(
                  "(state|execution|restart-strategy|web|classloader|env)\\..*"
                      + "|(job|task)manager\\.memory\\.(jvm-metaspace|managed)\\..*"
                      + "|metrics\\.(reporters|reporter\\.prom\\.factory\\..*)")) {
            settings.put(key, value);
          }
        });
    return settings;
  }
}
