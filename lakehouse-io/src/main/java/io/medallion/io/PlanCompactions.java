package io.medallion.io;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.hudi.avro.model.HoodieCompactionOperation;
import org.apache.hudi.client.HoodieFlinkWriteClient;
import org.apache.hudi.common.model.CompactionOperation;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.CompactionUtils;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.sink.compact.CompactionPlanEvent;
import org.apache.hudi.table.HoodieFlinkTable;
import org.apache.hudi.table.marker.WriteMarkersFactory;
import org.apache.hudi.util.FlinkWriteClients;

/**
 * Hands out the file groups of a compaction that the {@link CommitCoordinator} has planned. At its
 * start it undoes the one that a former attempt has begun, after the coordinator has recovered:
 * both at once would clean up behind that attempt. What fails, fails the job; Hudi's own operator
 * logs it, and never compacts again.
 */
final class PlanCompactions extends AbstractStreamOperator<CompactionPlanEvent>
    implements OneInputStreamOperator<Object, CompactionPlanEvent> {
  private static final long serialVersionUID = 1L;

  private final Configuration conf;
  private final String table;
  private final long timeoutMs;
  private transient HoodieFlinkWriteClient<?> client;
  private transient HoodieFlinkTable<?> hudi;
  private transient boolean undone;

  /**
   * @param table qualified name
   * @param timeoutMs how long to wait for the recovery
   */
  PlanCompactions(Configuration conf, String table, long timeoutMs) {
    this.conf = conf;
    this.table = table;
    this.timeoutMs = timeoutMs;
  }

  @Override
  public void open() throws Exception {
    super.open();
    client = FlinkWriteClients.createWriteClient(conf, getRuntimeContext());
    hudi = client.getHoodieTable();
  }

  @Override
  public void processElement(StreamRecord<Object> element) {}

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    if (!undone) {
      new CommitLine(getContainingTask(), table, timeoutMs).join();
      undo();
      undone = true;
    }
    Option<HoodieInstant> planned =
        hudi.getMetaClient()
            .reloadActiveTimeline()
            .filterPendingCompactionTimeline()
            .filter(HoodieInstant::isRequested)
            .firstInstant();
    if (planned.isPresent()) {
      begin(planned.get());
    }
  }

  private void undo() {
    HoodieTableMetaClient metaClient = hudi.getMetaClient();
    for (HoodieInstant begun :
        metaClient
            .reloadActiveTimeline()
            .filterPendingCompactionTimeline()
            .filter(HoodieInstant::isInflight)
            .getInstants()) {
      hudi.rollbackInflightCompaction(
          begun,
          instant ->
              client.getTableServiceClient().getPendingRollbackInfo(metaClient, instant, false));
    }
  }

  private void begin(HoodieInstant planned) {
    String instant = planned.getTimestamp();
    hudi.getActiveTimeline()
        .transitionCompactionRequestedToInflight(
            HoodieTimeline.getCompactionRequestedInstant(instant));
    hudi.getMetaClient().reloadActiveTimeline();
    WriteMarkersFactory.get(hudi.getConfig().getMarkersType(), hudi, instant)
        .deleteMarkerDir(hudi.getContext(), hudi.getConfig().getMarkersDeleteParallelism());
    for (HoodieCompactionOperation operation :
        CompactionUtils.getCompactionPlan(hudi.getMetaClient(), instant).getOperations()) {
      output.collect(
          new StreamRecord<>(
              new CompactionPlanEvent(
                  instant, CompactionOperation.convertFromAvroRecordInstance(operation))));
    }
  }

  @Override
  public void close() throws Exception {
    if (client != null) {
      client.close();
    }
    super.close();
  }
}
