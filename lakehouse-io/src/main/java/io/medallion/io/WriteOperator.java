package io.medallion.io;

import java.util.List;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.types.Row;
import org.apache.hudi.client.WriteStatus;

/**
 * Runs one of Hudi's write functions and sends what it has written to {@link CollectCommits} just
 * before each barrier, and beside that their instant to who follows the table in the same job. It
 * goes on at once with the next instant, whether the last one is committed or not.
 *
 * @param <I> what the function writes
 */
final class WriteOperator<I> extends ProcessOperator<I, Row> {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final long timeoutMs;
  private final Writer writer;
  private transient Instants instants;

  /**
   * @param function a {@link Writer}
   * @param timeoutMs how long to wait for an instant
   */
  @SuppressWarnings("unchecked")
  WriteOperator(String table, ProcessFunction<I, ?> function, long timeoutMs) {
    // The function itself emits nothing.
    super((ProcessFunction<I, Row>) function);
    this.table = table;
    this.timeoutMs = timeoutMs;
    this.writer = (Writer) function;
  }

  @Override
  public void setup(StreamTask<?, ?> task, StreamConfig config, Output<StreamRecord<Row>> output) {
    super.setup(task, config, output);
    instants = new Instants(new CommitLine(task.getEnvironment(), table, timeoutMs));
    writer.connect(instants);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    FaultPoint.BEFORE_FLUSH.reach();
    List<WriteStatus> files = writer.flush();
    failOnErrors(files);
    if (!files.isEmpty()) {
      output.collect(new StreamRecord<>(CommitPart.files(writer.instant(), files)));
      output.collect(
          RelayRows.COUNTS,
          new StreamRecord<>(Tuple3.of(0L, 0L, Long.parseLong(writer.instant()))));
    }
    instants.lastCheckpoint = checkpointId;
    FaultPoint.AFTER_FLUSH.reach();
  }

  /**
   * Refuses a checkpoint whose rows were not all written: after it, Kafka would not send them
   * again.
   */
  private static void failOnErrors(List<WriteStatus> statuses) {
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

  /** A Hudi write function that says what it has written instead of telling a coordinator. */
  interface Writer {
    /** Comes before everything else. */
    void connect(Instants instants);

    /** Closes all files and returns them; the function waits for a new instant then. */
    List<WriteStatus> flush();

    /** The instant of the files that {@link #flush} returned. */
    String instant();
  }

  /** Where a writer gets its instants. */
  static final class Instants {
    private final CommitLine line;
    private long lastCheckpoint = -1;
    private boolean recovered;

    private Instants(CommitLine line) {
      this.line = line;
    }

    /** Waits, once, until what the restored checkpoint left is committed. */
    void awaitRecovery() {
      if (!recovered) {
        line.join();
        recovered = true;
      }
    }

    /** Waits for the instant to write after the last barrier. */
    String next() {
      awaitRecovery();
      return line.instantAfter(lastCheckpoint);
    }
  }
}
