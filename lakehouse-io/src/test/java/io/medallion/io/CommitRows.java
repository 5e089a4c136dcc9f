package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.data.RowData;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.common.model.HoodieTableType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.util.CommitUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.configuration.FlinkOptions;
import org.apache.hudi.sink.bulk.BulkInsertWriterHelper;
import org.apache.hudi.util.FlinkWriteClients;

/**
 * Commits exactly these rows with exactly this progress, without any job: what no job would write
 * can be written too.
 */
public final class CommitRows implements AutoCloseable {
  private final TableDefinition table;
  private final Configuration conf;
  private final HoodieFlinkWriteClient<?> client;
  private final HoodieTableMetaClient metaClient;

  public CommitRows(String warehouse, TableDefinition table) {
    this(warehouse, table, Map.of());
  }

  /** A writer with other settings of Hudi's. */
  public CommitRows(String warehouse, TableDefinition table, Map<String, String> settings) {
    this.table = table;
    HudiTable hudi = new HudiTable(table, warehouse);
    hudi.createIfMissing();
    conf = hudi.writing(1, Duration.ofSeconds(20));
    settings.forEach(conf::setString);
    client = writeClient(conf);
    metaClient =
        HoodieTableMetaClient.builder()
            .setConf(HudiTable.hadoop())
            .setBasePath(conf.get(FlinkOptions.PATH))
            .build();
  }

  private static HoodieFlinkWriteClient<?> writeClient(Configuration conf) {
    try {
      return FlinkWriteClients.createWriteClient(conf);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Returns the commit's instant. */
  public String commit(Progress progress, RowData... rows) throws Exception {
    return commit(
        CommitLog.metadata("payments", table.layer().database(), "job", 1, progress), rows);
  }

  /** A commit that carries nothing of ours. */
  public String commitForeign(RowData... rows) throws Exception {
    return commit(Map.of(), rows);
  }

  private String commit(Map<String, String> extra, RowData... rows) throws Exception {
    String action = CommitUtils.getCommitActionType(HoodieTableType.MERGE_ON_READ);
    String instant = client.startCommit(action, metaClient);
    metaClient.reloadActiveTimeline().transitionRequestedToInflight(action, instant);
    BulkInsertWriterHelper writer =
        new BulkInsertWriterHelper(
            conf, client.getHoodieTable(), client.getConfig(), instant, 0, 1, 0, table.columns());
    for (RowData row : rows) {
      writer.write(row);
    }
    List<WriteStatus> statuses = writer.getWriteStatuses(0);
    client.commit(instant, statuses, Option.of(extra), action, Map.of(), Option.empty());
    return instant;
  }

  /** Moves old commits to the archive. */
  public void archive() {
    client.archive();
  }

  @Override
  public void close() {
    client.close();
  }
}
