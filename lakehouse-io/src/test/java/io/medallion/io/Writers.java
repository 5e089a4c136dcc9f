package io.medallion.io;

import io.medallion.io.ProgressReporter.Reported;
import io.medallion.schemas.TableDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinationRequestHandler;
import org.apache.flink.runtime.operators.coordination.MockOperatorCoordinatorContext;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * The writers of an append table and their coordinator without a cluster: the test says what Flink
 * would, step by step.
 */
final class Writers implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Configuration conf;
  private final MockOperatorCoordinatorContext context;
  private final OperatorCoordinator coordinator;
  private final List<Writer> writers = new ArrayList<>();

  /** A JobManager that starts: no writer is there yet. */
  Writers(String warehouse, TableDefinition table, int parallelism) throws Exception {
    this(warehouse, table, parallelism, PATIENCE);
  }

  /** Writers that wait for their next instant so long. */
  Writers(String warehouse, TableDefinition table, int parallelism, Duration patience)
      throws Exception {
    HudiTable hudi = new HudiTable(table, warehouse);
    hudi.createIfMissing();
    conf = hudi.writing(parallelism, patience);
    OperatorID id = new OperatorID();
    context = new MockOperatorCoordinatorContext(id, parallelism);
    coordinator =
        new CommitCoordinator.Provider(id, conf, "numbers", table.qualifiedName()).create(context);
    coordinator.start();
    for (int i = 0; i < parallelism; i++) {
      writers.add(null);
    }
  }

  /** Starts all writers from nothing. */
  Writers start(TableDefinition table) throws Exception {
    for (int i = 0; i < writers.size(); i++) {
      writers.set(i, new Writer(table, i, List.of()));
    }
    settle();
    return this;
  }

  /**
   * Fails all writers that run and starts them from the states of a checkpoint, as Flink does; each
   * writer gets a list of what the writers had before, since a rescaled job's gets several.
   */
  Writers restart(TableDefinition table, long checkpointId, List<List<OperatorSubtaskState>> states)
      throws Exception {
    for (int i = 0; i < writers.size(); i++) {
      fail(i);
    }
    coordinator.resetToCheckpoint(checkpointId, new byte[0]);
    for (int i = 0; i < writers.size(); i++) {
      writers.set(i, new Writer(table, i, states.get(i)));
    }
    settle();
    return this;
  }

  /** A writer's task is gone. */
  void fail(int writer) throws Exception {
    coordinator.executionAttemptFailed(writer, 0, new IllegalStateException("Planned failure"));
    if (writers.get(writer) != null) {
      writers.get(writer).harness.close();
      writers.set(writer, null);
    }
  }

  void write(int writer, String id, long number) throws Exception {
    writers.get(writer).harness.processElement(row(id, number), 0);
  }

  /** The barrier passes one writer. */
  OperatorSubtaskState flush(int writer, long checkpointId) throws Exception {
    return writers.get(writer).harness.snapshot(checkpointId, 0);
  }

  /** An operator of the job reports its progress. */
  void report(long checkpointId, long input) {
    ProgressDesk.of(context)
        .handIn(
            "source/0",
            new Reported(
                checkpointId,
                "",
                new Progress(
                    Map.of("t-0", new Span(0, input)),
                    Map.of(Progress.INPUT, input),
                    Map.of(),
                    input,
                    10 * input)));
  }

  /** The checkpoint is complete; waits until the coordinator is done with it. */
  void complete(long checkpointId) throws Exception {
    coordinator.notifyCheckpointComplete(checkpointId);
    settle();
  }

  /** The whole of a checkpoint. */
  List<OperatorSubtaskState> checkpoint(long checkpointId) throws Exception {
    List<OperatorSubtaskState> states = new ArrayList<>();
    for (int i = 0; i < writers.size(); i++) {
      states.add(flush(i, checkpointId));
    }
    complete(checkpointId);
    return states;
  }

  private void settle() throws Exception {
    CompletableFuture<byte[]> behindAllWork = new CompletableFuture<>();
    coordinator.checkpointCoordinator(-1, behindAllWork);
    behindAllWork.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (context.isJobFailed()) {
      throw new AssertionError("The coordinator failed the job", context.getJobFailureReason());
    }
  }

  @Override
  public void close() throws Exception {
    coordinator.close();
    for (Writer writer : writers) {
      if (writer != null) {
        writer.harness.close();
      }
    }
  }

  static RowData row(String id, long number) {
    return GenericRowData.of(StringData.fromString(id), StringData.fromString("all"), number);
  }

  private final class Writer {
    private final OneInputStreamOperatorTestHarness<RowData, Object> harness;

    Writer(TableDefinition table, int index, List<OperatorSubtaskState> states) throws Exception {
      AppendRows.Operator operator = new AppendRows.Operator(conf, table.columns());
      harness =
          new OneInputStreamOperatorTestHarness<>(
              operator,
              new ConnectedTask((CoordinationRequestHandler) coordinator, writers.size(), index));
      harness.setup();
      operator.setOperatorEventGateway(
          event -> {
            try {
              coordinator.handleEventFromOperator(index, 0, event);
            } catch (Exception failure) {
              throw new IllegalStateException("The coordinator refused an event", failure);
            }
          });
      if (states.isEmpty()) {
        harness.initializeEmptyState();
      } else {
        harness.initializeState(
            OneInputStreamOperatorTestHarness.repackageState(
                states.toArray(OperatorSubtaskState[]::new)));
      }
      harness.open();
    }
  }
}
