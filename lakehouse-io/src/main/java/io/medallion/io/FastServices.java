package io.medallion.io;

import io.medallion.schemas.Layer;
import io.medallion.schemas.TableDefinition;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.hudi.common.model.HoodieCleaningPolicy;
import org.apache.hudi.configuration.FlinkOptions;

/**
 * Compaction, cleaning and archiving as often as they can be, to be broken by faults: {@code flink
 * run -Dmedallion.services=fast}. For tests alone. Only what no job follows is cleaned: a follower
 * that is away for a while needs the files between.
 */
final class FastServices {
  private static final ConfigOption<String> SERVICES =
      ConfigOptions.key("medallion.services").stringType().defaultValue("");

  private static final String FAST = "fast";

  private FastServices() {}

  /** Whether a job is to have them. */
  static boolean areChosen(StreamExecutionEnvironment env) {
    return env.getConfiguration().get(SERVICES).equals(FAST);
  }

  /** Changes the configuration of a table's writers. */
  static void choose(TableDefinition table, Configuration conf) {
    conf.set(FlinkOptions.COMPACTION_DELTA_COMMITS, 2);
    conf.set(FlinkOptions.CLEAN_RETAIN_COMMITS, 3);
    conf.set(FlinkOptions.ARCHIVE_MIN_COMMITS, 5);
    conf.set(FlinkOptions.ARCHIVE_MAX_COMMITS, 8);
    if (table.layer() == Layer.GOLD) {
      conf.set(FlinkOptions.CLEAN_POLICY, HoodieCleaningPolicy.KEEP_LATEST_COMMITS.name());
    }
  }
}
