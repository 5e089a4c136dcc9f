package io.medallion.io;

import java.util.HashSet;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.hudi.configuration.FlinkOptions;

/**
 * Ends a job that would scatter a table over more partitions than anybody can list: each is a
 * folder with a file group for each bucket, which readers open one by one. Counts what one writer
 * has met since it started or forgot, before anything of it is written. Not thread-safe.
 */
final class LimitPartitions {
  /** The option of a table's writers that says how many are too many. */
  static final ConfigOption<Integer> MOST =
      ConfigOptions.key("medallion.most-partitions").intType().noDefaultValue();

  private final String table;
  private final int most;
  private final String remedy;
  private final Set<String> met = new HashSet<>();
  private String last = "";

  /**
   * @param conf of the table's writers
   * @param remedy what to do, a sentence
   */
  LimitPartitions(Configuration conf, String remedy) {
    this.table = conf.get(FlinkOptions.TABLE_NAME);
    this.most = conf.get(MOST);
    this.remedy = remedy;
  }

  void meet(String partition) {
    if (partition.equals(last)) {
      return;
    }
    last = partition;
    if (met.add(partition) && met.size() > most) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "Table %s would get more than %,d partitions at once, among them '%s'. %s The events of this checkpoint are not committed."
                  .formatted(table, most, partition, remedy)));
    }
  }

  /** Counts from none again. */
  void forget() {
    met.clear();
    last = "";
  }
}
