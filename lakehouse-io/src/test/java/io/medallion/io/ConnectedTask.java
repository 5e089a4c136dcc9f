package io.medallion.io;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.channel.ChannelStateWriteRequestExecutorFactory;
import org.apache.flink.runtime.externalresource.ExternalResourceInfoProvider;
import org.apache.flink.runtime.io.disk.iomanager.IOManager;
import org.apache.flink.runtime.io.disk.iomanager.IOManagerAsync;
import org.apache.flink.runtime.jobgraph.JobType;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.tasks.TaskOperatorEventGateway;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockInputSplitProvider;
import org.apache.flink.runtime.state.TestTaskStateManager;
import org.apache.flink.runtime.taskexecutor.TestGlobalAggregateManager;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.runtime.util.TestingUserCodeClassLoader;
import org.apache.flink.util.SerializedValue;

/** A subtask whose requests reach the coordinators of tables. */
final class ConnectedTask extends MockEnvironment {
  /** Starts threads, so there is one for all. */
  private static final IOManager FILES = new IOManagerAsync();

  private final Map<OperatorID, CoordinationRequestHandler> coordinators = new HashMap<>();

  /**
   * @param coordinators by the qualified name of their table
   */
  ConnectedTask(
      Map<String, ? extends CoordinationRequestHandler> coordinators,
      int parallelism,
      int subtask) {
    super(
        new JobID(),
        "writers",
        new JobVertexID(),
        JobType.STREAMING,
        "write",
        new MockInputSplitProvider(),
        1024,
        new Configuration(),
        new ExecutionConfig(),
        FILES,
        new TestTaskStateManager(),
        new TestGlobalAggregateManager(),
        128,
        parallelism,
        subtask,
        TestingUserCodeClassLoader.newBuilder().build(),
        UnregisteredMetricGroups.createUnregisteredTaskMetricGroup(),
        new TestingTaskManagerRuntimeInfo(),
        MemoryManager.create(3 * 1024 * 1024, 32 * 1024),
        ExternalResourceInfoProvider.NO_EXTERNAL_RESOURCES,
        new ChannelStateWriteRequestExecutorFactory(new JobID()));
    coordinators.forEach(
        (table, coordinator) ->
            this.coordinators.put(CommitLine.operatorId(CommitLine.uid(table)), coordinator));
  }

  @Override
  public TaskOperatorEventGateway getOperatorCoordinatorEventGateway() {
    return new TaskOperatorEventGateway() {
      @Override
      public void sendOperatorEventToCoordinator(
          OperatorID operator, SerializedValue<OperatorEvent> event) {
        throw new UnsupportedOperationException("Only the collector sends events");
      }

      @Override
      public CompletableFuture<CoordinationResponse> sendRequestToCoordinator(
          OperatorID operator, SerializedValue<CoordinationRequest> request) {
        CoordinationRequestHandler coordinator = coordinators.get(operator);
        if (coordinator == null) {
          return CompletableFuture.failedFuture(
              new IllegalArgumentException("No coordinator for operator " + operator));
        }
        try {
          return coordinator.handleCoordinationRequest(
              request.deserializeValue(ConnectedTask.class.getClassLoader()));
        } catch (Exception failure) {
          return CompletableFuture.failedFuture(failure);
        }
      }
    };
  }
}
