package io.medallion.io;

import io.medallion.io.WrittenTables.Relayed;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.util.List;
import java.util.Optional;
import javax.annotation.Nullable;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
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
 *
 * A table that the same job writes is read until nothing of it is left:
 *
 * <pre>
 * poll ────────────▶ plan reads ──by file group──▶ read ──by key──┐
 *                 counts ▲ ▲ instants                             order ──▶
 * rows that are written ──▶ relay ────────────────────────by key──┘
 *                     └───▶ write
 * </pre>
 *
 * The order of rows of an append table means nothing; there it is {@code read} and {@code relay}.
 */
final class FollowTable {
  private static final long POLL_MS = 1_000;

  private FollowTable() {}

  /**
   * @param others to be read beside it, each a part of the same position
   * @param beginsWithRows whether to refuse to begin with the first commit instead
   * @param written what the same job writes to the table, if it does
   */
  static Followed follow(
      StreamExecutionEnvironment env,
      HudiTable table,
      List<HudiTable> others,
      List<TableDefinition> into,
      boolean beginsWithRows,
      Optional<Relayed> written) {
    Optional<SingleOutputStreamOperator<RowData>> relay =
        written.map(rows -> relay(table.definition(), rows.rows()));
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, others, null, into, beginsWithRows, counts(written, relay));
    return new Followed(
        new Input(
            ordered(read(table, files, null), relay, table.definition()), Input.reports(files)),
        others.stream()
            .<DataStream<RowData>>map(
                other ->
                    read(other, files.getSideOutput(PlanReads.filesOf(other.followed())), null))
            .toList());
  }

  /**
   * @param written as above
   */
  static RequestedInput follow(
      StreamExecutionEnvironment env,
      HudiTable table,
      Requests requests,
      List<TableDefinition> into,
      Optional<Relayed> written) {
    Optional<SingleOutputStreamOperator<RowData>> relay =
        written.map(rows -> relay(table.definition(), rows.rows()));
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, List.of(), requests, into, false, counts(written, relay));
    OutputTag<RowData> known = ReadFiles.known(table.definition());
    SingleOutputStreamOperator<RowData> rows = read(table, files, known);
    return new RequestedInput(
        new Input(ordered(rows, relay, table.definition()), Input.reports(files)),
        rows.getSideOutput(known),
        files.getSideOutput(PlanReads.REQUESTS));
  }

  private static SingleOutputStreamOperator<CommittedFile> plan(
      StreamExecutionEnvironment env,
      HudiTable table,
      List<HudiTable> others,
      @Nullable Requests requests,
      List<TableDefinition> into,
      boolean beginsWithRows,
      List<DataStream<Tuple3<Long, Long, Long>>> counts) {
    TableDefinition definition = table.definition();
    long timeoutMs = env.getCheckpointConfig().getCheckpointTimeout();
    DataStream<Tuple3<Long, Long, Long>> ticks = poll(env, definition);
    for (DataStream<Tuple3<Long, Long, Long>> more : counts) {
      ticks = ticks.union(more);
    }
    return ticks
        .transform(
            name("plan reads of", definition),
            TypeInformation.of(CommittedFile.class),
            new PlanReads(
                table.followed(),
                others.stream().map(HudiTable::followed).toList(),
                requests,
                targets(env, into),
                beginsWithRows,
                !counts.isEmpty(),
                timeoutMs,
                PlanReads.FIRST_BUDGET))
        .uid(name("plan reads of", definition))
        // Not forced: as head of a chain it would give that a greatest parallelism of 1, which the
        // state of a chain that begins with the poll does not fit.
        .setParallelism(1);
  }

  private static SingleOutputStreamOperator<RowData> relay(
      TableDefinition table, DataStream<RowData> written) {
    long timeoutMs = written.getExecutionEnvironment().getCheckpointConfig().getCheckpointTimeout();
    return written
        .transform(
            name("relay", table),
            InternalTypeInfo.of(table.columns()),
            new RelayRows(table.qualifiedName(), timeoutMs))
        .uid(name("relay", table));
  }

  private static List<DataStream<Tuple3<Long, Long, Long>>> counts(
      Optional<Relayed> written, Optional<SingleOutputStreamOperator<RowData>> relay) {
    return written.isEmpty()
        ? List.of()
        : List.of(relay.orElseThrow().getSideOutput(RelayRows.COUNTS), written.get().instants());
  }

  private static DataStream<RowData> ordered(
      DataStream<RowData> read,
      Optional<SingleOutputStreamOperator<RowData>> relay,
      TableDefinition table) {
    if (relay.isEmpty()) {
      return read;
    }
    if (table.writing() == Writing.APPEND) {
      return read.union(relay.get());
    }
    KeySelector<RowData, Integer> byKey = OrderRows.byKey(table);
    return read.partitionCustom(Math::floorMod, byKey)
        .connect(relay.get().partitionCustom(Math::floorMod, byKey))
        .transform(name("order", table), InternalTypeInfo.of(table.columns()), new OrderRows(table))
        .uid(name("order", table));
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
  private static SingleOutputStreamOperator<Tuple3<Long, Long, Long>> poll(
      StreamExecutionEnvironment env, TableDefinition table) {
    return env.addSource(new Clock(), name("poll", table), RelayRows.COUNTS_TYPE)
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
  private static final class Clock implements SourceFunction<Tuple3<Long, Long, Long>> {
    private static final long serialVersionUID = 1L;

    private volatile boolean runs = true;

    @Override
    public void run(SourceContext<Tuple3<Long, Long, Long>> context) throws InterruptedException {
      while (runs) {
        synchronized (context.getCheckpointLock()) {
          context.collect(PlanReads.TICK);
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
