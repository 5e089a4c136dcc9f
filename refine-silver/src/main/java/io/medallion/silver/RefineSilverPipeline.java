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
 * requests ──▶ replay quarantine ──────────────┘
 * what either does not take, or took at last ──▶ count quarantined ──▶ write silver.&lt;pipeline&gt;_quarantine
 * what decode events counts ──▶ check gates ──▶ both writes
 * </pre>
 */
final class RefineSilverPipeline {
  private static final String DECODE_EVENTS = "decode events";
  private static final String REPLAY_QUARANTINE = "replay quarantine";
  private static final String COUNT_QUARANTINED = "count quarantined";
  private static final String MERGE_BY_KEY = "merge by key";
  private static final String CHECK_GATES = "check gates";

  private RefineSilverPipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition bronze = Tables.bronze(pipeline);
    TableDefinition silver = Tables.silver(pipeline);
    TableDefinition quarantine = Tables.quarantine(pipeline);
    lakehouse.create(bronze, silver, quarantine);
    EventRow eventRow = new EventRow(pipeline.source().contract().rowType());

    RequestedInput asked =
        lakehouse.follow(
            env,
            bronze,
            Requests.about(quarantine, lakehouse.warehouse()),
            List.of(silver, quarantine));
    Input records = asked.input();
    SingleOutputStreamOperator<RowData> events =
        records
            .rows()
            .transform(
                DECODE_EVENTS,
                InternalTypeInfo.of(eventRow.rowType()),
                new DecodeEvents(pipeline, eventRow))
            .uid(DECODE_EVENTS);
    DataStream<Row> decoded = throughGates(Input.reports(events), pipeline);
    SingleOutputStreamOperator<RowData> replayed =
        asked
            .requests()
            .transform(
                REPLAY_QUARANTINE,
                InternalTypeInfo.of(eventRow.rowType()),
                new ReplayQuarantine(pipeline, lakehouse.warehouse(), eventRow))
            .uid(REPLAY_QUARANTINE)
            .forceNonParallel();
    SingleOutputStreamOperator<RowData> changes =
        events
            .union(replayed)
            .keyBy(eventRow::key)
            .transform(
                MERGE_BY_KEY,
                InternalTypeInfo.of(silver.columns()),
                new MergeByKey(pipeline, eventRow))
            .uid(MERGE_BY_KEY);
    lakehouse.write(
        changes,
        silver,
        records.reports(),
        decoded,
        Input.reports(replayed),
        Input.reports(changes));
    SingleOutputStreamOperator<RowData> quarantined =
        events
            .getSideOutput(DecodeEvents.quarantined(quarantine))
            .union(replayed.getSideOutput(DecodeEvents.quarantined(quarantine)))
            .transform(
                COUNT_QUARANTINED,
                InternalTypeInfo.of(quarantine.columns()),
                new CountQuarantined())
            .uid(COUNT_QUARANTINED);
    lakehouse.write(
        quarantined,
        quarantine,
        records.reports(),
        decoded,
        Input.reports(replayed),
        Input.reports(quarantined));
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
