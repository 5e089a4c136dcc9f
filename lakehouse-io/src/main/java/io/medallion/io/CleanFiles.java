package io.medallion.io;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes a table's files that are older than what it retains: after each checkpoint, unless it is
 * still at it. The instants come from the {@link CommitCoordinator}; Hudi's own operator waits for
 * a clock that has jumped back, and holds up the barrier until then.
 *
 * <p>What fails is logged and done after the next checkpoint: nobody misses what is there too long.
 */
final class CleanFiles extends TableService {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(CleanFiles.class);

  private transient volatile boolean cleans;

  /**
   * @param conf of the table's writers
   * @param table qualified name
   * @param timeoutMs how long to wait for the coordinator
   */
  CleanFiles(Configuration conf, String table, long timeoutMs) {
    super(conf, "clean", table, timeoutMs);
    chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    if (!cleans && !isEnding()) {
      cleans = true;
      beside(this::clean);
    }
  }

  private void clean() {
    try {
      client().clean(line().newInstant());
    } catch (Exception failure) {
      if (!isEnding()) {
        LOG.warn("Could not clean {}; tried again after the next checkpoint.", table(), failure);
      }
    } finally {
      cleans = false;
    }
  }
}
