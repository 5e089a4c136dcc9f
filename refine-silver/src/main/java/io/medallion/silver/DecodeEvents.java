package io.medallion.silver;

import io.medallion.io.PartitionNames;
import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.Expectation.Violation;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;

/**
 * Makes of each bronze record an event of its key, or a row of the quarantine: decodes the payload
 * by the contract, applies the SELECT to this event alone and judges the result by the rules.
 * Counts the quarantined ones for their Kafka partitions, all others are counted where they meet
 * their key.
 */
final class DecodeEvents extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final OutputTag<RowData> quarantined;
  private final DecodeJson decode;
  private final PlannedSelect select;
  private final JudgeEvent judge;
  private final EventRow eventRow;
  private final EventKind kinds;
  private final SilverOrder order;
  private final int topic;
  private final int partition;
  private final int offset;
  private final int kafkaTimestamp;
  private final int key;
  private final int payload;
  private final CountNulls countNulls;
  private transient PlannedSelect.Evaluation selected;
  private transient JudgeEvent.Judgement judgement;
  private transient PartitionNames partitions;

  DecodeEvents(PipelineDefinition pipeline, EventRow eventRow) {
    RowType contract = pipeline.source().contract().rowType();
    RowType bronze = Tables.bronze(pipeline).columns();
    this.quarantined = quarantined(Tables.quarantine(pipeline));
    this.decode = new DecodeJson(pipeline.source().contract());
    this.select = PlannedSelect.plan("silver.sql", pipeline.silver().sql(), "bronze", contract);
    this.judge = new JudgeEvent(pipeline.silver());
    this.eventRow = eventRow;
    this.kinds = new EventKind(pipeline.silver().changes(), contract);
    this.order = new SilverOrder(pipeline.silver());
    this.topic = bronze.getFieldIndex(Tables.TOPIC);
    this.partition = bronze.getFieldIndex(Tables.PARTITION);
    this.offset = bronze.getFieldIndex(Tables.OFFSET);
    this.kafkaTimestamp = bronze.getFieldIndex(Tables.KAFKA_TIMESTAMP);
    this.key = bronze.getFieldIndex(Tables.RECORD_KEY);
    this.payload = bronze.getFieldIndex(Tables.PAYLOAD);
    this.countNulls = new CountNulls(pipeline.silver());
  }

  static OutputTag<RowData> quarantined(TableDefinition quarantine) {
    return new OutputTag<>("quarantine", InternalTypeInfo.of(quarantine.columns()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    selected = select.open(getContainingTask(), getProcessingTimeService());
    judgement = judge.open(getContainingTask(), getProcessingTimeService());
    partitions = new PartitionNames();
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData record = element.getValue();
    progress().count(Progress.INPUT, 1);
    DecodedEvent decoded = decode.decode(bytes(record, payload));
    if (decoded instanceof DecodedEvent.Accepted accepted) {
      take(record, accepted);
    } else if (decoded instanceof DecodedEvent.Rejected rejected) {
      quarantine(record, List.of(rejected.rule()), rejected.reason());
    }
  }

  private void take(RowData record, DecodedEvent.Accepted accepted) {
    RowData columns;
    try {
      columns = selected.evaluate(accepted.row());
    } catch (Exception failure) {
      quarantine(record, List.of("silver.sql"), "The SELECT fails for this event: " + failure);
      return;
    }
    Event.Kind kind = kinds.of(accepted.row());
    JudgeEvent.Verdict verdict =
        judgement.judge(columns, kind, record.getTimestamp(kafkaTimestamp, 3));
    verdict
        .violated(Violation.WARN)
        .forEach(rule -> progress().count(Progress.WARNED_BY + rule, 1));
    List<String> failing = verdict.violated(Violation.FAIL);
    if (!failing.isEmpty()) {
      throw new IllegalStateException(
          "Event %s-%d@%d breaks %s, which is declared to fail the job. Correct the rule or the event's source, then resume."
              .formatted(
                  record.getString(topic),
                  record.getInt(partition),
                  record.getLong(offset),
                  failing));
    }
    List<String> broken = verdict.violated(Violation.QUARANTINE);
    if (!broken.isEmpty()) {
      quarantine(record, broken, verdict.reason());
      return;
    }
    if (kind == Event.Kind.INSERT) {
      countNulls.count(columns, progress());
    }
    progress().event(order.eventTime(columns, record.getTimestamp(kafkaTimestamp, 3)));
    Event event =
        new Event(
            kind,
            new Version(
                order.of(columns),
                record.getInt(partition),
                record.getLong(offset),
                record.getString(topic).toString()),
            record.getTimestamp(kafkaTimestamp, 3).getMillisecond(),
            accepted.row(),
            accepted.rescued());
    output.collect(new StreamRecord<>(eventRow.of(judge.key(columns), event)));
  }

  private void quarantine(RowData record, List<String> rules, String reason) {
    String from = partitions.of(record.getString(topic).toString(), record.getInt(partition));
    progress().count(from, Progress.QUARANTINED, 1);
    rules.forEach(rule -> progress().count(Progress.QUARANTINED_BY + rule, 1));
    output.collect(
        quarantined,
        new StreamRecord<>(
            GenericRowData.of(
                record.getString(topic),
                record.getInt(partition),
                record.getLong(offset),
                record.getTimestamp(kafkaTimestamp, 3),
                bytes(record, key),
                bytes(record, payload),
                new GenericArrayData(rules.stream().map(StringData::fromString).toArray()),
                StringData.fromString(reason),
                TimestampData.fromEpochMillis(
                    getProcessingTimeService().getCurrentProcessingTime()))));
  }

  private static @Nullable byte[] bytes(RowData record, int column) {
    return record.isNullAt(column) ? null : record.getBinary(column);
  }
}
