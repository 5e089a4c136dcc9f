package io.medallion.io;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.sink.compact.CompactionCommitEvent;
import org.apache.hudi.util.FlinkWriteClients;

/**
 * Lets the {@link CommitCoordinator} commit a compaction when all its file groups are done; one of
 * a former attempt, which was frozen meanwhile, is refused there. Fails the job where a file group
 * is not done, or where the commit fails, so that the compaction is undone and begun again; Hudi's
 * own sink logs the failure of a commit, and never compacts again.
 */
final class CommitCompactions extends AbstractStreamOperator<Object>
    implements OneInputStreamOperator<CompactionCommitEvent, Object> {
  private static final long serialVersionUID = 1L;

  private final Configuration conf;
  private final String table;
  private final long timeoutMs;
  private transient HoodieFlinkWriteClient<?> client;
  private transient CommitLine line;

  /** By instant, then by file group. */
  private transient Map<String, Map<String, List<WriteStatus>>> done;

  /**
   * @param table qualified name
   * @param timeoutMs how long to wait for the coordinator
   */
  CommitCompactions(Configuration conf, String table, long timeoutMs) {
    this.conf = conf;
    this.table = table;
    this.timeoutMs = timeoutMs;
  }

  /** Joins before any compaction of this attempt is begun: later it might be too late to ask. */
  @Override
  public void open() throws Exception {
    super.open();
    client = FlinkWriteClients.createWriteClient(conf, getRuntimeContext());
    done = new HashMap<>();
    line = new CommitLine(getContainingTask(), table, timeoutMs);
    line.join();
  }

  @Override
  public void processElement(StreamRecord<CompactionCommitEvent> element) {
    CompactionCommitEvent event = element.getValue();
    String instant = event.getInstant();
    List<WriteStatus> files = event.getWriteStatuses();
    if (event.isFailed() || files.stream().anyMatch(WriteStatus::hasErrors)) {
      throw new IllegalStateException(
          "Compaction %s of file group %s of %s failed; the log of the TaskManager says why."
              .formatted(instant, event.getFileId(), table));
    }
    FaultPoint.DURING_COMPACTION.reach();
    Map<String, List<WriteStatus>> groups = done.computeIfAbsent(instant, first -> new HashMap<>());
    groups.put(event.getFileId(), files);
    if (groups.size() == planned(instant)) {
      List<WriteStatus> all = new ArrayList<>();
      groups.values().forEach(all::addAll);
      line.commitCompaction(instant, CommitPart.serialize(all));
      done.remove(instant);
    }
  }

  private int planned(String instant) {
    return CompactionUtils.getCompactionPlan(client.getHoodieTable().getMetaClient(), instant)
        .getOperations()
        .size();
  }

  @Override
  public void close() throws Exception {
    if (client != null) {
      client.close();
    }
    super.close();
  }
}
