package io.medallion.silver;

import io.medallion.io.Commit;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.io.Requests;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.ReplayRequest;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import javax.annotation.Nullable;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.util.OutputTag;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Judges events of the quarantine again, those that a {@link ReplayRequest} names. What silver
 * takes now goes on to its key as if it came from bronze, and a row of the quarantine says so; what
 * it does not take stays as it is.
 *
 * <p>An event goes into silver once, however often it is asked for: one subtask has the offsets of
 * all that went, and reads a request whole before the next barrier.
 */
final class ReplayQuarantine extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private static final List<String> COLUMNS =
      List.of(
          Lakehouse.COMMIT_INSTANT,
          Tables.TOPIC,
          Tables.PARTITION,
          Tables.OFFSET,
          Tables.KAFKA_TIMESTAMP,
          Tables.PAYLOAD,
          Tables.RULES,
          Tables.REASON,
          Tables.QUARANTINED_AT,
          Tables.REPLAYED_AT);
  private static final int INSTANT = COLUMNS.indexOf(Lakehouse.COMMIT_INSTANT);
  private static final int TOPIC = COLUMNS.indexOf(Tables.TOPIC);
  private static final int PARTITION = COLUMNS.indexOf(Tables.PARTITION);
  private static final int OFFSET = COLUMNS.indexOf(Tables.OFFSET);
  private static final int KAFKA_TIMESTAMP = COLUMNS.indexOf(Tables.KAFKA_TIMESTAMP);
  private static final int RULES = COLUMNS.indexOf(Tables.RULES);
  private static final int REASON = COLUMNS.indexOf(Tables.REASON);
  private static final int QUARANTINED_AT = COLUMNS.indexOf(Tables.QUARANTINED_AT);
  private static final int REPLAYED_AT = COLUMNS.indexOf(Tables.REPLAYED_AT);

  private final TableDefinition quarantine;
  private final String warehouse;
  private final String pipeline;
  private final OutputTag<RowData> marks;
  private final ReadEvent read;
  private final EventRow eventRow;

  private transient ListState<Tuple2<String, byte[]>> state;
  private transient KafkaPlaces replayed;

  /** Marks of the quarantine that are still to be brought; read with the first known request. */
  @Nullable private transient NavigableMap<Long, KafkaPlaces> marked;

  /** Opened with the first request: most jobs get none, and each start would wait for it. */
  @Nullable private transient ReadEvent.Reading reading;

  private transient PartitionNames partitions;

  ReplayQuarantine(
      PipelineDefinition pipeline, String warehouse, EventRow eventRow, ReadEvent read) {
    this.quarantine = Tables.quarantine(pipeline);
    this.warehouse = warehouse;
    this.pipeline = pipeline.name();
    this.marks = DecodeEvents.quarantined(quarantine);
    this.read = read;
    this.eventRow = eventRow;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "replayed",
                    new TupleTypeInfo<>(
                        Types.STRING, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)));
    replayed = new KafkaPlaces();
    for (Tuple2<String, byte[]> partition : state.get()) {
      Roaring64Bitmap offsets = new Roaring64Bitmap();
      offsets.deserialize(new DataInputStream(new ByteArrayInputStream(partition.f1)));
      replayed.addAll(partition.f0, offsets);
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<Tuple2<String, byte[]>> stored = new ArrayList<>();
    for (Map.Entry<String, Roaring64Bitmap> partition : replayed.byPartition().entrySet()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      partition.getValue().runOptimize();
      partition.getValue().serialize(new DataOutputStream(bytes));
      stored.add(Tuple2.of(partition.getKey(), bytes.toByteArray()));
    }
    state.update(stored);
  }

  @Override
  public void open() throws Exception {
    super.open();
    partitions = new PartitionNames();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) throws Exception {
    ReadEvent.Reading events =
        reading == null
            ? read.open(getContainingTask(), getProcessingTimeService(), COLUMNS)
            : reading;
    reading = events;
    long number = element.getValue().getLong(0);
    if (element.getValue().getBoolean(1)) {
      replayKnown(number, element.getValue().getLong(2), events);
    } else {
      replay(number, events);
    }
  }

  private void replay(long number, ReadEvent.Reading events) {
    ReplayRequest request =
        Requests.about(quarantine, warehouse)
            .get(number)
            .map(ReplayRequest::parse)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Request %d about %s is gone before it was carried out. Restore its file."
                            .formatted(number, quarantine.qualifiedName())));
    events.lookAgain();
    new Lakehouse(warehouse, pipeline)
        .readSince(
            quarantine,
            COLUMNS,
            request.since(),
            row -> {
              List<String> broken = rules(row);
              if (row.isNullAt(REPLAYED_AT)
                  // The key has no state, whatever the event says.
                  && !broken.contains(QuarantineSealed.RULE)
                  && request.asksFor(
                      row.getString(INSTANT).toString(),
                      broken,
                      row.getTimestamp(QUARANTINED_AT, 3).getMillisecond())) {
                replay(row, events);
              }
            });
  }

  /**
   * What the marks in the quarantine say was replayed, for a job that begins without its newest
   * checkpoint: what references hold now may be something else. All of it that every table has
   * comes with the first request, since no table takes it again; the rest with its own, behind the
   * place where the others stand.
   *
   * @param settled the last request that all tables have taken
   */
  private void replayKnown(long number, long settled, ReadEvent.Reading events) {
    NavigableMap<Long, KafkaPlaces> marks = marked;
    if (marks == null) {
      marks = readMarks(settled);
      marked = marks;
    }
    NavigableMap<Long, KafkaPlaces> due = marks.headMap(Math.max(number, settled), true);
    if (due.isEmpty()) {
      return;
    }
    List<KafkaPlaces> now = List.copyOf(due.values());
    new Lakehouse(warehouse, pipeline)
        .read(
            quarantine,
            COLUMNS,
            row -> {
              long offset = row.getLong(OFFSET);
              if (row.isNullAt(REPLAYED_AT)
                  && now.stream().anyMatch(places -> places.contains(from(row), offset))
                  && !replayed.contains(from(row), offset)) {
                bring(row, events.take(row), events);
              }
            });
    due.clear();
  }

  /** The events that have a mark, by the last request of the commit that it is in. */
  private NavigableMap<Long, KafkaPlaces> readMarks(long settled) {
    String input = Requests.about(quarantine, warehouse).input();
    NavigableMap<String, Long> requestAt = new TreeMap<>();
    for (Commit commit : CommitLog.active(warehouse, quarantine)) {
      long last = commit.progress().next(input);
      if (last > settled) {
        requestAt.put(commit.instant(), last);
      }
    }
    NavigableMap<Long, KafkaPlaces> marks = new TreeMap<>();
    new Lakehouse(warehouse, pipeline)
        .read(
            quarantine,
            COLUMNS,
            row -> {
              if (!row.isNullAt(REPLAYED_AT)) {
                Map.Entry<String, Long> at =
                    requestAt.ceilingEntry(row.getString(INSTANT).toString());
                boolean isSettled =
                    at == null
                        || row.getString(INSTANT).toString().compareTo(requestAt.firstKey()) < 0;
                marks
                    .computeIfAbsent(
                        isSettled ? settled : at.getValue(), request -> new KafkaPlaces())
                    .add(from(row), row.getLong(OFFSET));
              }
            });
    return marks;
  }

  private String from(RowData row) {
    return partitions.of(row.getString(TOPIC).toString(), row.getInt(PARTITION));
  }

  private void replay(RowData row, ReadEvent.Reading events) {
    if (!replayed.contains(from(row), row.getLong(OFFSET))
        && events.judge(row) instanceof ReadEvent.Taken taken) {
      taken.warnings().forEach(rule -> progress().count(Progress.WARNED_BY + rule, 1));
      bring(row, taken, events);
    }
  }

  private void bring(RowData row, ReadEvent.Taken taken, ReadEvent.Reading events) {
    String from = from(row);
    replayed.add(from, row.getLong(OFFSET));
    events.count(taken, progress());
    rules(row).forEach(rule -> progress().count(Progress.QUARANTINED_BY + rule, -1));
    progress().count(from, Progress.QUARANTINED, -1);
    progress().count(from, Progress.REPLAYED, 1);
    output.collect(new StreamRecord<>(eventRow.of(taken.key(), taken.event())));
    output.collect(marks, new StreamRecord<>(mark(row)));
  }

  private RowData mark(RowData row) {
    return GenericRowData.of(
        StringData.fromString(row.getString(TOPIC).toString()),
        row.getInt(PARTITION),
        row.getLong(OFFSET),
        row.getTimestamp(KAFKA_TIMESTAMP, 3),
        null,
        null,
        new GenericArrayData(rules(row).stream().map(StringData::fromString).toArray()),
        StringData.fromString(row.getString(REASON).toString()),
        row.getTimestamp(QUARANTINED_AT, 3),
        TimestampData.fromEpochMillis(getProcessingTimeService().getCurrentProcessingTime()));
  }

  private static List<String> rules(RowData row) {
    return texts(row.getArray(RULES));
  }

  static List<String> texts(ArrayData names) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      texts.add(names.getString(i).toString());
    }
    return texts;
  }
}
