package io.medallion.services.demo;

import io.medallion.services.CommandFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The built repository: where the assembled Flink, the assembled Kafka and the job jars are.
 *
 * @param root the repository's folder
 */
public record Installation(Path root) {
  /** The system property with the repository's folder, which the {@code medallion} script sets. */
  static final String HOME = "medallion.home";

  public Installation {
    root = root.toAbsolutePath().normalize();
  }

  /** The installation that this command was started from. */
  public static Installation current() {
    return new Installation(Path.of(System.getProperty(HOME, "")));
  }

  /** The JVM that runs this process; the same runs the cluster. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** The class path of Flink's processes and of its client. */
  String flinkClassPath() {
    return built("flink-conf/target/flink/lib") + "/*";
  }

  /** What Flink's start scripts export for its processes and its client. */
  Map<String, String> flinkEnvironment() {
    return Map.of(
        "FLINK_CONF_DIR", flinkConf().toString(),
        "FLINK_PLUGINS_DIR", built("flink-conf/target/flink/plugins").toString());
  }

  Path flinkConf() {
    return built("flink-conf/target/flink/conf");
  }

  String kafkaClassPath() {
    return built("flink-conf/target/kafka/lib") + "/*";
  }

  /** The jobs' jars, in the order of the data. */
  public List<Path> jobJars() {
    return List.of(
        built("ingest-bronze/target/ingest-bronze.jar"),
        built("refine-silver/target/refine-silver.jar"),
        built("aggregate-gold/target/aggregate-gold.jar"));
  }

  /** The jar of the one job that does the work of all of them. */
  public Path fusedJar() {
    return built("fused-pipeline/target/fused-pipeline.jar");
  }

  private Path built(String path) {
    Path file = root.resolve(path);
    if (!Files.exists(file)) {
      throw new CommandFailedException(
          file + " is missing: build it with `mvn -DskipTests package` in " + root + ".");
    }
    return file;
  }
}
