package io.medallion.io;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.util.SerializedValue;
import org.apache.hudi.client.WriteStatus;

/**
 * A writer's line to its {@link CommitCoordinator}: asks for the instant to write next and gets the
 * answer when the one before is settled. The answer does not come through the task's mailbox, so a
 * task may block on it; Hudi's own acknowledgement does, and a task that waits for it with a record
 * in hand waits for ever.
 */
final class WriterInstants {
  private final StreamTask<?, ?> task;
  private final OperatorID writer;
  private long lastCheckpoint = -1;

  WriterInstants(StreamTask<?, ?> task, StreamConfig config) {
    this.task = task;
    this.writer = config.getOperatorID();
  }

  /** The writer has flushed what a checkpoint holds. */
  void flushed(long checkpointId) {
    lastCheckpoint = checkpointId;
  }

  /**
   * Waits for the instant that follows the last checkpoint of this attempt.
   *
   * @param timeoutMs how long to wait
   * @throws IllegalStateException if there is none in time
   */
  String next(long timeoutMs) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (true) {
      try {
        CompletableFuture<CoordinationResponse> answer =
            task.getEnvironment()
                .getOperatorCoordinatorEventGateway()
                .sendRequestToCoordinator(
                    writer, new SerializedValue<>(new NextInstant(lastCheckpoint)));
        return ((CollectCoordinationResponse)
                answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS))
            .getVersion();
      } catch (ExecutionException failure) {
        // The line itself gives up after Flink's ask timeout, which may be shorter than a commit.
        if (!(failure.getCause() instanceof TimeoutException) || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "The JobManager gave no instant to write after checkpoint " + lastCheckpoint,
              failure.getCause());
        }
      } catch (TimeoutException late) {
        throw new IllegalStateException(
            "No instant to write within %d ms after checkpoint %d: the JobManager did not commit it; its log says why."
                .formatted(timeoutMs, lastCheckpoint),
            late);
      } catch (IOException impossible) {
        throw new IllegalStateException("Could not serialize a request", impossible);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for an instant", interrupted);
      }
    }
  }

  /** The answer to {@link NextInstant}, in a class that both class loaders know. */
  static CoordinationResponse answer(String instant) {
    return new CollectCoordinationResponse(instant, 0, List.of());
  }

  /**
   * Refuses a checkpoint whose rows were not all written: after it, Kafka would not send them
   * again.
   */
  static void failOnErrors(List<WriteStatus> statuses) {
    for (WriteStatus status : statuses) {
      if (status.hasErrors()) {
        throw new IllegalStateException(
            "%d rows could not be written to file %s of partition '%s'; the checkpoint is refused and the job goes back to the last one."
                .formatted(
                    status.getTotalErrorRecords(), status.getFileId(), status.getPartitionPath()),
            status.getGlobalError() != null
                ? status.getGlobalError()
                : status.getErrors().values().stream().findFirst().orElse(null));
      }
    }
  }

  /** Asks for the instant to write after a checkpoint. */
  record NextInstant(long checkpointId) implements CoordinationRequest {
    private static final long serialVersionUID = 1L;
  }
}
