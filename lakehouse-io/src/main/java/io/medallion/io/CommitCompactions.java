package io.medallion.io;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.data.HoodieListData;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.sink.CleanFunction;
import org.apache.hudi.sink.compact.CompactionCommitEvent;
import org.apache.hudi.table.HoodieFlinkTable;
import org.apache.hudi.table.action.compact.CompactHelpers;

/**
 * Commits a compaction when all its file groups are done. Fails the job where one is not, or where
 * the commit fails, so that the compaction is undone and begun again; Hudi's own sink logs the
 * failure of a commit, and never compacts again.
 */
final class CommitCompactions extends CleanFunction<CompactionCommitEvent> {
  private static final long serialVersionUID = 1L;

  private final String table;

  /** By instant, then by file group. */
  private transient Map<String, Map<String, List<WriteStatus>>> done;

  /**
   * @param table qualified name
   */
  CommitCompactions(Configuration conf, String table) {
    super(conf);
    this.table = table;
  }

  @Override
  public void open(Configuration parameters) throws Exception {
    super.open(parameters);
    done = new HashMap<>();
  }

  @Override
  public void invoke(CompactionCommitEvent event, Context context) throws Exception {
    String instant = event.getInstant();
    List<WriteStatus> files = event.getWriteStatuses();
    if (event.isFailed() || files.stream().anyMatch(WriteStatus::hasErrors)) {
      throw new IllegalStateException(
          "Compaction %s of file group %s of %s failed; the log of the TaskManager says why."
              .formatted(instant, event.getFileId(), table));
    }
    Map<String, List<WriteStatus>> groups = done.computeIfAbsent(instant, first -> new HashMap<>());
    groups.put(event.getFileId(), files);
    HoodieFlinkTable<?> hudi = writeClient.getHoodieTable();
    int planned =
        CompactionUtils.getCompactionPlan(hudi.getMetaClient(), instant).getOperations().size();
    if (groups.size() == planned) {
      commit(hudi, instant, groups);
      done.remove(instant);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private void commit(
      HoodieFlinkTable<?> hudi, String instant, Map<String, List<WriteStatus>> groups)
      throws IOException {
    List<WriteStatus> files = new ArrayList<>();
    groups.values().forEach(files::addAll);
    writeClient.commitCompaction(
        instant,
        CompactHelpers.getInstance()
            .createCompactionMetadata(
                hudi, instant, HoodieListData.eager(files), writeClient.getConfig().getSchema()),
        Option.empty());
  }
}
