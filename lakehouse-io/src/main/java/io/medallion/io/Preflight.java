package io.medallion.io;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.SourceDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/**
 * Looks at the world before a job starts, and refuses one it could not be correct in. Nothing is
 * created before all checks have passed; each answers within {@link #PATIENCE_MS}.
 */
final class Preflight {
  private static final int PATIENCE_MS = 15_000;

  private Preflight() {}

  /**
   * @throws InvalidConfigurationException with everything that stands in the way
   */
  static void check(
      StreamExecutionEnvironment env,
      PipelineDefinition pipeline,
      String warehouse,
      boolean needsKafka) {
    List<Problem> problems = new ArrayList<>();
    checkpointing(env, problems);
    writable(warehouse, problems);
    if (needsKafka) {
      topics(pipeline.source(), problems);
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException("Pipeline " + pipeline.name(), problems);
    }
  }

  private static void checkpointing(StreamExecutionEnvironment env, List<Problem> problems) {
    if (!env.getCheckpointConfig().isCheckpointingEnabled()) {
      problems.add(
          new Problem(
              "Flink configuration",
              "execution.checkpointing.interval",
              "nothing",
              "a duration, e.g. 10s: every commit is a checkpoint, without one nothing is ever visible",
              "Set it in the cluster's config.yaml (flink-conf has one) or with -Dexecution.checkpointing.interval=10s."));
    } else if (env.getCheckpointConfig().getCheckpointingConsistencyMode()
        != CheckpointingMode.EXACTLY_ONCE) {
      problems.add(
          new Problem(
              "Flink configuration",
              "execution.checkpointing.mode",
              "AT_LEAST_ONCE",
              "EXACTLY_ONCE: rows between two barriers would be written twice after a failure",
              "Remove the setting or set it to EXACTLY_ONCE."));
    } else if (env.getCheckpointConfig().isUnalignedCheckpointsEnabled()) {
      problems.add(
          new Problem(
              "Flink configuration",
              "execution.checkpointing.unaligned.enabled",
              "true",
              "false: a barrier that overtakes rows would commit a place that they have not come to",
              "Remove the setting."));
    }
  }

  /**
   * Leaves no folder behind and removes none: another job of the pipeline may be making its tables.
   */
  private static void writable(String warehouse, List<Problem> problems) {
    Path root = new Path(warehouse);
    try {
      FileSystem files = root.getFileSystem(HudiTable.hadoop());
      Path probe = new Path(nearest(files, root), ".medallion-" + UUID.randomUUID());
      try {
        files.create(probe, false).close();
      } finally {
        files.delete(probe, false);
      }
    } catch (IOException | RuntimeException failure) {
      problems.add(
          new Problem(
              "command line",
              "--warehouse",
              warehouse,
              "a folder that can be written (" + firstLine(failure) + ")",
              "Check the address, the permissions, and that the file system's jar and credentials are there."));
    }
  }

  /** The folder itself, or the one above it that is there. */
  private static Path nearest(FileSystem files, Path folder) throws IOException {
    Path at = folder;
    while (!files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  private static void topics(SourceDefinition source, List<Problem> problems) {
    Properties properties = new Properties();
    properties.putAll(source.kafka());
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE_MS / 3));
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE_MS));
    String servers = source.kafka().getOrDefault("bootstrap.servers", "");
    try (AdminClient kafka = AdminClient.create(properties)) {
      Set<String> missing = new TreeSet<>(source.topics());
      // Kafka's client gives up first, and says what it waited for.
      missing.removeAll(kafka.listTopics().names().get(2 * PATIENCE_MS, TimeUnit.MILLISECONDS));
      for (String topic : missing) {
        problems.add(
            new Problem(
                "pipeline.yaml",
                "source.topics",
                topic,
                "a topic of the broker at " + servers,
                "Create it: kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 2"
                    .formatted(servers, topic)));
      }
    } catch (ExecutionException | TimeoutException | KafkaException failure) {
      problems.add(
          new Problem(
              "pipeline.yaml",
              "source.kafka.bootstrap.servers",
              servers,
              "a Kafka broker that answers ("
                  + firstLine(failure.getCause() == null ? failure : failure.getCause())
                  + ")",
              "Start the broker, or correct the address or the security settings."));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while looking for topics", interrupted);
    }
  }

  private static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return failure.getClass().getSimpleName()
        + (message == null ? "" : ": " + message.lines().findFirst().orElse(""));
  }
}
