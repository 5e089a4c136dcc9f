package io.medallion.silver;

import io.medallion.io.Input;
import io.medallion.io.Lakehouse;
import io.medallion.io.RequestedInput;
import io.medallion.io.Requests;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.types.Row;

/**
 * The graph of {@code refine-silver}.
 *
 * <pre>
 * follow bronze.&lt;pipeline&gt; ──▶ decode events ──────by key──▶ merge by key ──▶ write silver.&lt;pipeline&gt;
 *       known to quarantine ──▶ decode known events ──┤
 * requests ──▶ replay quarantine ──────────────────┘
 * what either does not take, or took at last ──▶ count quarantined ──▶ write silver.&lt;pipeline&gt;_quarantine
 * what decode events counts ──▶ check gates ──▶ both writes
 * </pre>
 *
 * With {@code history: true} it is "keep history" in place of "merge by key". With a grace period,
 * "ask again" looks at what decode events does not take, and adds requests. With a lifetime,
 * "quarantine sealed" has what comes for keys without state.
 */
final class RefineSilverPipeline {
  private static final String DECODE_EVENTS = "decode events";
  private static final String DECODE_KNOWN = "decode known events";
  private static final String ASK_AGAIN = "ask again";
  private static final String REPLAY_QUARANTINE = "replay quarantine";
  private static final String COUNT_QUARANTINED = "count quarantined";
  private static final String MERGE_BY_KEY = "merge by key";

  /** A name of its own, since its state is another one. */
  private static final String MERGE_WITH_LIFETIME = "merge by key with a lifetime";

  private static final String QUARANTINE_SEALED = "quarantine sealed";
  private static final String KEEP_HISTORY = "keep history";
  private static final String CHECK_GATES = "check gates";

  private RefineSilverPipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition bronze = Tables.bronze(pipeline);
    TableDefinition silver = Tables.silver(pipeline);
    TableDefinition quarantine = Tables.quarantine(pipeline);
    lakehouse.create(bronze, silver, quarantine);
    RequestedInput asked =
        lakehouse.follow(
            env,
            bronze,
            Requests.about(quarantine, lakehouse.warehouse()),
            List.of(silver, quarantine));
    DataStream<Row> upTo = asked.input().reports();
    ReadEvent read = new ReadEvent(pipeline, lakehouse.warehouse());
    SingleOutputStreamOperator<RowData> events = decode(asked.input().rows(), pipeline, read);
    DataStream<Row> decoded = throughGates(Input.reports(events), pipeline);
    SingleOutputStreamOperator<RowData> replayed =
        replay(asked.requests(), pipeline, lakehouse.warehouse(), read);
    SingleOutputStreamOperator<RowData> known =
        known(asked.known(), pipeline, lakehouse.warehouse(), read);
    SingleOutputStreamOperator<RowData> changes = merge(events.union(known, replayed), pipeline);
    DataStream<Row> outcomes = decoded.union(Input.reports(known));
    DataStream<RowData> setAside = setAside(events, pipeline).union(setAside(replayed, pipeline));
    if (!pipeline.silver().stateLifetime().isZero()) {
      SingleOutputStreamOperator<RowData> sealed = sealed(changes, pipeline);
      outcomes = outcomes.union(Input.reports(sealed));
      setAside = setAside.union(sealed);
    }
    if (!AskAgain.rules(pipeline).isEmpty()) {
      askAgain(setAside(events, pipeline), pipeline, lakehouse.warehouse());
    }
    lakehouse.write(
        changes, silver, upTo, outcomes, Input.reports(replayed), Input.reports(changes));
    SingleOutputStreamOperator<RowData> quarantined = quarantined(setAside, pipeline);
    lakehouse.write(
        quarantined,
        quarantine,
        upTo,
        outcomes,
        Input.reports(replayed),
        Input.reports(quarantined));
  }

  /**
   * Records of bronze as events of their keys.
   *
   * @return rows of {@link EventRow}; what is no event is for {@link #setAside}
   */
  static SingleOutputStreamOperator<RowData> decode(
      DataStream<RowData> records, PipelineDefinition pipeline, ReadEvent read) {
    EventRow eventRow = new EventRow(pipeline);
    return records
        .transform(
            DECODE_EVENTS,
            InternalTypeInfo.of(eventRow.rowType()),
            new DecodeEvents(pipeline, eventRow, read))
        .uid(DECODE_EVENTS);
  }

  /** Records that the quarantine has been through, as those of {@link #decode}. */
  private static SingleOutputStreamOperator<RowData> known(
      DataStream<RowData> records, PipelineDefinition pipeline, String warehouse, ReadEvent read) {
    EventRow eventRow = new EventRow(pipeline);
    return records
        .transform(
            DECODE_KNOWN,
            InternalTypeInfo.of(eventRow.rowType()),
            new DecodeKnown(pipeline, warehouse, eventRow, read))
        .uid(DECODE_KNOWN);
  }

  private static void askAgain(
      DataStream<RowData> setAside, PipelineDefinition pipeline, String warehouse) {
    setAside
        .transform(ASK_AGAIN, setAside.getType(), new AskAgain(pipeline, warehouse))
        .uid(ASK_AGAIN)
        .forceNonParallel();
  }

  /** Events of the quarantine that silver takes after all, as those of {@link #decode}. */
  private static SingleOutputStreamOperator<RowData> replay(
      DataStream<RowData> requests, PipelineDefinition pipeline, String warehouse, ReadEvent read) {
    EventRow eventRow = new EventRow(pipeline);
    return requests
        .transform(
            REPLAY_QUARANTINE,
            InternalTypeInfo.of(eventRow.rowType()),
            new ReplayQuarantine(pipeline, warehouse, eventRow, read))
        .uid(REPLAY_QUARANTINE)
        .forceNonParallel();
  }

  /** Events as changes of silver. */
  static SingleOutputStreamOperator<RowData> merge(
      DataStream<RowData> events, PipelineDefinition pipeline) {
    EventRow eventRow = new EventRow(pipeline);
    boolean history = pipeline.silver().history();
    String byKey =
        history
            ? KEEP_HISTORY
            : pipeline.silver().stateLifetime().isZero() ? MERGE_BY_KEY : MERGE_WITH_LIFETIME;
    return events
        .keyBy(eventRow::key)
        .transform(
            byKey,
            InternalTypeInfo.of(Tables.silver(pipeline).columns()),
            history ? new KeepHistory(pipeline, eventRow) : new MergeByKey(pipeline, eventRow))
        .uid(byKey);
  }

  /** Events for whose keys {@link #merge} has no state any more, as rows of the quarantine. */
  private static SingleOutputStreamOperator<RowData> sealed(
      SingleOutputStreamOperator<RowData> changes, PipelineDefinition pipeline) {
    EventRow eventRow = new EventRow(pipeline);
    return changes
        .getSideOutput(MergeByKey.sealed(eventRow))
        .transform(
            QUARANTINE_SEALED,
            InternalTypeInfo.of(Tables.quarantine(pipeline).columns()),
            new QuarantineSealed(eventRow))
        .uid(QUARANTINE_SEALED);
  }

  /** What {@link #decode} or {@link #replay} has for the quarantine. */
  static DataStream<RowData> setAside(
      SingleOutputStreamOperator<RowData> events, PipelineDefinition pipeline) {
    return events.getSideOutput(DecodeEvents.quarantined(Tables.quarantine(pipeline)));
  }

  /** Rows of the quarantine, counted. */
  static SingleOutputStreamOperator<RowData> quarantined(
      DataStream<RowData> setAside, PipelineDefinition pipeline) {
    return setAside
        .transform(
            COUNT_QUARANTINED,
            InternalTypeInfo.of(Tables.quarantine(pipeline).columns()),
            new CountQuarantined())
        .uid(COUNT_QUARANTINED);
  }

  /** There without gates too: a job whose last gate was removed goes on from its checkpoint. */
  private static DataStream<Row> throughGates(
      DataStream<Row> reports, PipelineDefinition pipeline) {
    return reports
        .transform(CHECK_GATES, reports.getType(), new CheckGates(pipeline))
        .uid(CHECK_GATES)
        .forceNonParallel();
  }
}
