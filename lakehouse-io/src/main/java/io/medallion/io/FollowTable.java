package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.util.OutputTag;

/**
 * The changes of tables, commit by commit; of one that keeps a changelog, what it held when the job
 * began to read it, and the changes since. Between two barriers a job reads whole commits, so its
 * position in a table is an instant and nothing more.
 *
 * <pre>
 * poll ──▶ plan reads ──by file group──▶ read, for each table
 * </pre>
 */
final class FollowTable {
  private static final long POLL_MS = 1_000;

  private FollowTable() {}

  /**
   * @param others to be read beside it, each a part of the same position
   * @param beginsWithRows whether to refuse to begin with the first commit instead
   */
  static Followed follow(
      StreamExecutionEnvironment env,
      HudiTable table,
      List<HudiTable> others,
      List<TableDefinition> into,
      boolean beginsWithRows) {
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, others, null, into, beginsWithRows);
    return new Followed(
        new Input(read(table, files, null), Input.reports(files)),
        others.stream()
            .<DataStream<RowData>>map(
                other ->
                    read(other, files.getSideOutput(PlanReads.filesOf(other.followed())), null))
            .toList());
  }

  static RequestedInput follow(
      StreamExecutionEnvironment env,
      HudiTable table,
      Requests requests,
      List<TableDefinition> into) {
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, List.of(), requests, into, false);
    OutputTag<RowData> known = ReadFiles.known(table.definition());
    SingleOutputStreamOperator<RowData> rows = read(table, files, known);
    return new RequestedInput(
        new Input(rows, Input.reports(files)),
        rows.getSideOutput(known),
        files.getSideOutput(PlanReads.REQUESTS));
  }

  private static SingleOutputStreamOperator<CommittedFile> plan(
      StreamExecutionEnvironment env,
      HudiTable table,
      List<HudiTable> others,
      @Nullable Requests requests,
      List<TableDefinition> into,
      boolean beginsWithRows) {
    TableDefinition definition = table.definition();
    long timeoutMs = env.getCheckpointConfig().getCheckpointTimeout();
    return poll(env, definition)
        .transform(
            name("plan reads of", definition),
            TypeInformation.of(CommittedFile.class),
            new PlanReads(
                table.followed(),
                others.stream().map(HudiTable::followed).toList(),
                requests,
                targets(env, into),
                beginsWithRows,
                timeoutMs,
                PlanReads.FIRST_BUDGET))
        .uid(name("plan reads of", definition))
        .forceNonParallel();
  }

  private static SingleOutputStreamOperator<RowData> read(
      HudiTable table, DataStream<CommittedFile> files, @Nullable OutputTag<RowData> known) {
    TableDefinition definition = table.definition();
    return files
        // The changes of a key are in one file group, in order. Keyed, it would open a state
        // backend for nothing.
        .partitionCustom(
            (group, readers) -> Math.floorMod(group.hashCode(), readers), CommittedFile::group)
        .transform(
            name("read", definition),
            InternalTypeInfo.of(definition.columns()),
            new ReadFiles(table, known))
        .uid(name("read", definition));
  }

  // Flink's newer sources cannot be cut at a barrier: what they have handed out is read on their
  // own terms.
  @SuppressWarnings("deprecation")
  private static SingleOutputStreamOperator<Long> poll(
      StreamExecutionEnvironment env, TableDefinition table) {
    return env.addSource(new Clock(), name("poll", table), Types.LONG)
        .uid(name("poll", table))
        .setParallelism(1);
  }

  private static List<String> targets(StreamExecutionEnvironment env, List<TableDefinition> into) {
    return StockSink.isChosen(env)
        ? List.of()
        : into.stream().map(TableDefinition::qualifiedName).toList();
  }

  private static String name(String operator, TableDefinition table) {
    return operator + " " + table.qualifiedName();
  }

  /** Says again and again that it is time to look for commits. */
  @SuppressWarnings("deprecation")
  private static final class Clock implements SourceFunction<Long> {
    private static final long serialVersionUID = 1L;

    private volatile boolean runs = true;

    @Override
    public void run(SourceContext<Long> context) throws InterruptedException {
      while (runs) {
        synchronized (context.getCheckpointLock()) {
          context.collect(System.currentTimeMillis());
        }
        Thread.sleep(POLL_MS);
      }
    }

    @Override
    public void cancel() {
      runs = false;
    }
  }
}
