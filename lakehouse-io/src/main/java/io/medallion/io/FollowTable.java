package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
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
 *                        ▲ counts                                 order ──▶
 * rows that are written ──▶ relay ────────────────────────by key──┘
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
   * @param written the rows of the table that the same job writes, or null
   */
  static Followed follow(
      StreamExecutionEnvironment env,
      HudiTable table,
      List<HudiTable> others,
      List<TableDefinition> into,
      boolean beginsWithRows,
      @Nullable DataStream<RowData> written) {
    SingleOutputStreamOperator<RowData> relay = relay(table.definition(), written);
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, others, null, into, beginsWithRows, relay);
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
      @Nullable DataStream<RowData> written) {
    SingleOutputStreamOperator<RowData> relay = relay(table.definition(), written);
    SingleOutputStreamOperator<CommittedFile> files =
        plan(env, table, List.of(), requests, into, false, relay);
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
      @Nullable SingleOutputStreamOperator<RowData> relay) {
    TableDefinition definition = table.definition();
    long timeoutMs = env.getCheckpointConfig().getCheckpointTimeout();
    DataStream<Tuple2<Long, Long>> ticks = poll(env, definition);
    return (relay == null ? ticks : ticks.union(relay.getSideOutput(RelayRows.COUNTS)))
        .transform(
            name("plan reads of", definition),
            TypeInformation.of(CommittedFile.class),
            new PlanReads(
                table.followed(),
                others.stream().map(HudiTable::followed).toList(),
                requests,
                targets(env, into),
                beginsWithRows,
                relay != null,
                timeoutMs,
                PlanReads.FIRST_BUDGET))
        .uid(name("plan reads of", definition))
        // Not forced: as head of a chain it would give it a greatest parallelism of 1, which state
        // of
        // a chain that begins with the poll does not fit.
        .setParallelism(1);
  }

  @Nullable
  private static SingleOutputStreamOperator<RowData> relay(
      TableDefinition table, @Nullable DataStream<RowData> written) {
    return written == null
        ? null
        : written
            .transform(
                name("relay", table),
                InternalTypeInfo.of(table.columns()),
                new RelayRows(
                    table.qualifiedName(),
                    written.getExecutionEnvironment().getCheckpointConfig().getCheckpointTimeout()))
            .uid(name("relay", table));
  }

  private static DataStream<RowData> ordered(
      DataStream<RowData> read, @Nullable DataStream<RowData> relayed, TableDefinition table) {
    if (relayed == null) {
      return read;
    }
    if (table.writing() == Writing.APPEND) {
      return read.union(relayed);
    }
    KeySelector<RowData, Integer> byKey = OrderRows.byKey(table);
    return read.partitionCustom(Math::floorMod, byKey)
        .connect(relayed.partitionCustom(Math::floorMod, byKey))
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
  private static SingleOutputStreamOperator<Tuple2<Long, Long>> poll(
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
  private static final class Clock implements SourceFunction<Tuple2<Long, Long>> {
    private static final long serialVersionUID = 1L;

    private volatile boolean runs = true;

    @Override
    public void run(SourceContext<Tuple2<Long, Long>> context) throws InterruptedException {
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
