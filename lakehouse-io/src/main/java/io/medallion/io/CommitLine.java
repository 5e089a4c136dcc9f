package io.medallion.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequest;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.shaded.guava31.com.google.common.hash.Hashing;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.apache.flink.util.SerializedValue;

/**
 * A task's line to the {@link CommitCoordinator} of a table. Answers do not come through the task's
 * mailbox, so a task may block on one with a record in hand; Hudi's own acknowledgement does, and a
 * task that waits for it waits for ever.
 */
final class CommitLine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Environment task;
  private final String table;
  private final OperatorID coordinator;
  private final long timeoutMs;
  private String generation;

  /**
   * @param table qualified name
   * @param timeoutMs how long to wait for an answer
   */
  CommitLine(Environment task, String table, long timeoutMs) {
    this.task = task;
    this.table = table;
    this.coordinator = operatorId(uid(table));
    this.timeoutMs = timeoutMs;
  }

  /** The uid of the operator whose coordinator commits a table. */
  static String uid(String table) {
    return "commit " + table;
  }

  /** The id that Flink gives an operator with this uid (as its {@code StreamGraphHasherV2}). */
  static OperatorID operatorId(String uid) {
    return new OperatorID(Hashing.murmur3_128(0).hashString(uid, StandardCharsets.UTF_8).asBytes());
  }

  /**
   * Waits until all that the restored checkpoint left is committed.
   *
   * @return by input, where the table stands: {@link Progress#next}
   */
  Map<String, Long> join() {
    Joined joined = joined(ask(new Join()));
    generation = joined.generation;
    return joined.position;
  }

  /**
   * Waits for the instant to write after a checkpoint.
   *
   * @param checkpointId the last one whose barrier has passed in this attempt, or -1
   */
  String instantAfter(long checkpointId) {
    if (generation == null) {
      join();
    }
    return ask(new NextInstant(generation, checkpointId)).getVersion();
  }

  /**
   * Waits for an instant of its own for what is no commit; Hudi's would wait for a clock that has
   * jumped back, and might be given twice.
   */
  String newInstant() {
    return ask(new NewInstant(generation)).getVersion();
  }

  /**
   * Waits until a compaction is committed.
   *
   * @param files what {@link CommitPart#statuses} reads
   */
  void commitCompaction(String instant, byte[] files) {
    ask(new Compacted(generation, instant, files));
  }

  /**
   * Asks that rows of the table be relayed to this job's own reader of it, from the first barrier
   * after a checkpoint's on.
   */
  void relayAfter(long checkpointId) {
    ask(new Relay(generation, checkpointId));
  }

  /** Whether rows that follow a barrier are to be relayed. */
  boolean relaysAfter(long checkpointId) {
    return Boolean.parseBoolean(ask(new AskRelay(checkpointId)).getVersion());
  }

  private CollectCoordinationResponse ask(CoordinationRequest request) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (true) {
      try {
        CompletableFuture<CoordinationResponse> answer =
            task.getOperatorCoordinatorEventGateway()
                .sendRequestToCoordinator(coordinator, new SerializedValue<>(request));
        return (CollectCoordinationResponse)
            answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException failure) {
        // The line itself gives up after Flink's ask timeout, which may be shorter than a commit.
        if (!(failure.getCause() instanceof TimeoutException) || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "The JobManager does not let " + table + " be written: " + request,
              failure.getCause());
        }
      } catch (TimeoutException late) {
        throw new IllegalStateException(
            "No answer to %s within %d ms: the JobManager has not settled what %s was to commit; its log says why."
                .formatted(request, timeoutMs, table),
            late);
      } catch (IOException impossible) {
        throw new UncheckedIOException("Could not serialize a request", impossible);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for " + table, interrupted);
      }
    }
  }

  /**
   * Asks without waiting what the table's newest commit is, once a checkpoint is settled. There is
   * no answer when the attempt ends before.
   */
  CompletableFuture<LastCommit> lastCommit(long checkpointId) {
    try {
      return task.getOperatorCoordinatorEventGateway()
          .sendRequestToCoordinator(
              coordinator, new SerializedValue<CoordinationRequest>(new AskLast(checkpointId)))
          .thenApply(
              answer -> {
                try {
                  return JSON.readValue(
                      ((CollectCoordinationResponse) answer).getVersion(), LastCommit.class);
                } catch (JsonProcessingException impossible) {
                  throw new UncheckedIOException(impossible);
                }
              });
    } catch (IOException impossible) {
      throw new UncheckedIOException("Could not serialize a request", impossible);
    }
  }

  /** The answer to {@link AskLast}. */
  static CoordinationResponse last(LastCommit commit) {
    try {
      return answer(JSON.writeValueAsString(commit));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The answer to those that ask for an instant, in a class that both class loaders know. */
  static CoordinationResponse answer(String text) {
    return new CollectCoordinationResponse(text, 0, List.of());
  }

  /** What an answer to {@link Join} says. */
  static Joined joined(CoordinationResponse answer) {
    try {
      return JSON.readValue(((CollectCoordinationResponse) answer).getVersion(), Joined.class);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The answer to {@link Join}. */
  static CoordinationResponse joined(String generation, Map<String, Long> position) {
    try {
      return answer(
          JSON.writerFor(new TypeReference<Joined>() {})
              .writeValueAsString(new Joined(generation, position)));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Asks where the table stands. */
  record Join() implements CoordinationRequest {
    private static final long serialVersionUID = 1L;
  }

  /** Asks for the newest commit once a checkpoint is settled. */
  record AskLast(long checkpointId) implements CoordinationRequest {
    private static final long serialVersionUID = 1L;
  }

  /** Asks whether rows after a barrier are relayed. */
  record AskRelay(long checkpointId) implements CoordinationRequest {
    private static final long serialVersionUID = 1L;
  }

  /** What only the attempt may ask that writes the table now. */
  interface OfAttempt extends CoordinationRequest {
    /** The attempt's name, which it has been given when it has {@linkplain #join joined}. */
    String generation();
  }

  /** Asks for the instant to write after a checkpoint. */
  record NextInstant(String generation, long checkpointId) implements OfAttempt {
    private static final long serialVersionUID = 1L;
  }

  /** Asks for the rows after the barriers that follow a checkpoint's. */
  record Relay(String generation, long checkpointId) implements OfAttempt {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Asks, for the coordinator of another table of the same job, to be told when a checkpoint is
   * settled.
   */
  record AskSettled(String generation, long checkpointId) implements OfAttempt {
    private static final long serialVersionUID = 1L;
  }

  /** Asks for an instant of its own. */
  record NewInstant(String generation) implements OfAttempt {
    private static final long serialVersionUID = 1L;
  }

  /** Asks for the commit of a compaction that has written its files. */
  @SuppressWarnings("ArrayRecordComponent")
  record Compacted(String generation, String instant, byte[] files) implements OfAttempt {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return "Compacted[generation=%s, instant=%s]".formatted(generation, instant);
    }
  }

  /**
   * @param generation names the attempt; whoever comes with another one is of a former attempt
   */
  record Joined(String generation, Map<String, Long> position) implements Serializable {
    private static final long serialVersionUID = 1L;
  }
}
