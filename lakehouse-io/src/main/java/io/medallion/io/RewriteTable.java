package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;

/**
 * Changes a table in one commit, in a Flink of this process: by the protocol of all commits, so
 * that a job which writes the table keeps others out, and is kept out meanwhile.
 */
final class RewriteTable {
  private static final String CHANGES = "changes";
  private static final Duration CHECKPOINTS = Duration.ofMillis(500);
  private static final Duration POLL = Duration.ofMillis(100);

  private final HudiTable table;
  private final String pipeline;
  private final String warehouse;

  RewriteTable(HudiTable table, String pipeline, String warehouse) {
    this.table = table;
    this.pipeline = pipeline;
    this.warehouse = warehouse;
  }

  /**
   * Commits changes.
   *
   * @param changes gives the rows to insert or replace, and to delete
   * @param carries what the commit says of them
   * @throws IllegalStateException if they are not committed; the table is as it was
   */
  void commit(Consumer<Consumer<RowData>> changes, Progress carries) throws IOException {
    Path folder = Files.createTempDirectory("medallion-rewrite");
    try {
      Path file = folder.resolve(CHANGES);
      write(changes, file);
      run(file, folder, carries);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void write(Consumer<Consumer<RowData>> changes, Path file) throws IOException {
    RowDataSerializer rows = new RowDataSerializer(table.definition().columns());
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
      DataOutputViewStreamWrapper out = new DataOutputViewStreamWrapper(stream);
      changes.accept(
          row -> {
            try {
              out.writeBoolean(true);
              rows.serialize(row, out);
            } catch (IOException failure) {
              throw new UncheckedIOException("Could not write " + file, failure);
            }
          });
      out.writeBoolean(false);
    }
  }

  private void run(Path file, Path folder, Progress carries) {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINTS);
    settings.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        folder.resolve("checkpoints").toUri().toString());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    TableDefinition definition = table.definition();
    SingleOutputStreamOperator<RowData> rows =
        once(env)
            .transform(
                CHANGES,
                InternalTypeInfo.of(definition.columns()),
                new ReadChanges(file.toString(), definition.columns(), carries))
            .uid(CHANGES);
    WriteTable.write(rows, table, pipeline, null, Input.reports(rows));
    try {
      JobClient job = env.executeAsync("rewrite " + definition.qualifiedName());
      // Asked for while it runs: its Flink ends with it.
      CompletableFuture<JobExecutionResult> end = job.getJobExecutionResult();
      while (!isCommittedBy(job)) {
        if (end.isDone()) {
          end.get();
        }
        Thread.sleep(POLL.toMillis());
      }
      job.cancel().get();
      while (!end.isDone()) {
        Thread.sleep(POLL.toMillis());
      }
    } catch (ExecutionException failed) {
      throw new IllegalStateException(
          "%s is as it was: %s".formatted(definition.qualifiedName(), reason(failed)), failed);
    } catch (Exception failure) {
      throw new IllegalStateException("Could not change " + definition.qualifiedName(), failure);
    }
  }

  private boolean isCommittedBy(JobClient job) {
    return CommitLog.latest(warehouse, table.definition())
        .map(Commit::job)
        .filter(job.getJobID().toString()::equals)
        .isPresent();
  }

  /** What the first cause says; it may stand behind the name of its class. */
  private static String reason(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return String.valueOf(first.getMessage()).replaceFirst("^[\\w.$]+Exception: ", "");
  }

  // As in FollowTable, and it must not end: a job that ends is not cut by barriers any more.
  @SuppressWarnings("deprecation")
  private static DataStream<Long> once(StreamExecutionEnvironment env) {
    return env.addSource(new Once(), "once", Types.LONG).uid("once");
  }

  /** Gives one element and waits. */
  @SuppressWarnings("deprecation")
  private static final class Once implements SourceFunction<Long> {
    private static final long serialVersionUID = 1L;

    private volatile boolean runs = true;

    @Override
    public void run(SourceContext<Long> context) throws InterruptedException {
      synchronized (context.getCheckpointLock()) {
        context.collect(0L);
      }
      while (runs) {
        Thread.sleep(POLL.toMillis());
      }
    }

    @Override
    public void cancel() {
      runs = false;
    }
  }

  /** All changes and what is to be said of them, in front of one barrier. */
  private static final class ReadChanges extends AbstractStreamOperator<RowData>
      implements OneInputStreamOperator<Long, RowData> {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final RowType columns;
    private final Progress carries;

    ReadChanges(String file, RowType columns, Progress carries) {
      this.file = file;
      this.columns = columns;
      this.carries = carries;
    }

    @Override
    public void processElement(StreamRecord<Long> once) throws IOException {
      RowDataSerializer rows = new RowDataSerializer(columns);
      try (InputStream stream = new BufferedInputStream(Files.newInputStream(Path.of(file)))) {
        DataInputViewStreamWrapper in = new DataInputViewStreamWrapper(stream);
        while (in.readBoolean()) {
          output.collect(new StreamRecord<>(rows.deserialize(in)));
        }
      }
      output.collect(CommitPart.REPORTS, new StreamRecord<>(CommitPart.report(carries)));
    }
  }
}
