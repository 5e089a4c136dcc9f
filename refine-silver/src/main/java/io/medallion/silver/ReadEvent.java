package io.medallion.silver;

import io.medallion.io.ProgressReporter;
import io.medallion.schemas.Expectation.Violation;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.Tables;
import java.io.Serializable;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;

/**
 * Makes of a Kafka record an event of its key, or says why silver does not take it: decodes the
 * payload by the contract, applies the SELECT to this event alone and judges the result by the
 * rules.
 */
final class ReadEvent implements Serializable {
  private static final long serialVersionUID = 1L;

  private final DecodePayload decode;
  private final PlannedSelect select;
  private final JudgeEvent judge;
  private final EventKind kinds;
  private final SilverOrder order;
  private final CountNulls countNulls;

  ReadEvent(PipelineDefinition pipeline) {
    this.decode = DecodePayload.of(pipeline.source());
    this.select =
        PlannedSelect.plan(
            "silver.sql",
            pipeline.silver().sql(),
            "bronze",
            pipeline.source().contract().rowType());
    this.judge = new JudgeEvent(pipeline.silver());
    this.kinds = new EventKind(pipeline.silver().changes(), pipeline.source().contract().rowType());
    this.order = new SilverOrder(pipeline.silver());
    this.countNulls = new CountNulls(pipeline.silver());
  }

  /**
   * Compiles the SELECT and the rules, which takes a moment.
   *
   * @param columns of the records, by the names of {@link Tables#bronze}: at least the Kafka
   *     coordinates, the timestamp and the payload
   */
  Reading open(StreamTask<?, ?> task, ProcessingTimeService processingTime, List<String> columns)
      throws Exception {
    return new Reading(
        select.open(task, processingTime), judge.open(task, processingTime), columns);
  }

  /** What a record is to silver. */
  sealed interface Judged {
    /** The rules that it breaks and that only warn. */
    List<String> warnings();
  }

  /** An event that silver takes. */
  record Taken(String key, Event event, RowData columns, List<String> warnings) implements Judged {
    Taken {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * A record for the quarantine.
   *
   * @param rules that it breaks
   * @param reason the same in words
   */
  record Refused(List<String> rules, String reason, List<String> warnings) implements Judged {
    Refused {
      rules = List.copyOf(rules);
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * An event that breaks rules which are declared to fail the job.
   *
   * @param rules that it breaks
   */
  record Failing(List<String> rules, List<String> warnings) implements Judged {
    Failing {
      rules = List.copyOf(rules);
      warnings = List.copyOf(warnings);
    }
  }

  /** The reading in an operator. */
  final class Reading {
    private final PlannedSelect.Evaluation selected;
    private final JudgeEvent.Judgement judgement;
    private final int topic;
    private final int partition;
    private final int offset;
    private final int kafkaTimestamp;
    private final int payload;

    private Reading(
        PlannedSelect.Evaluation selected, JudgeEvent.Judgement judgement, List<String> columns) {
      this.selected = selected;
      this.judgement = judgement;
      this.topic = columns.indexOf(Tables.TOPIC);
      this.partition = columns.indexOf(Tables.PARTITION);
      this.offset = columns.indexOf(Tables.OFFSET);
      this.kafkaTimestamp = columns.indexOf(Tables.KAFKA_TIMESTAMP);
      this.payload = columns.indexOf(Tables.PAYLOAD);
    }

    Judged judge(RowData record) {
      DecodedEvent decoded = decode.decode(bytes(record, payload));
      if (decoded instanceof DecodedEvent.Rejected rejected) {
        return new Refused(List.of(rejected.rule()), rejected.reason(), List.of());
      }
      DecodedEvent.Accepted accepted = (DecodedEvent.Accepted) decoded;
      RowData columns;
      try {
        columns = selected.evaluate(accepted.row());
      } catch (Exception failure) {
        return new Refused(
            List.of("silver.sql"), "The SELECT fails for this event: " + failure, List.of());
      }
      TimestampData timestamp = record.getTimestamp(kafkaTimestamp, 3);
      Event.Kind kind = kinds.of(accepted.row());
      JudgeEvent.Verdict verdict = judgement.judge(columns, kind, timestamp);
      List<String> warnings = verdict.violated(Violation.WARN);
      List<String> failing = verdict.violated(Violation.FAIL);
      if (!failing.isEmpty()) {
        return new Failing(failing, warnings);
      }
      List<String> broken = verdict.violated(Violation.QUARANTINE);
      if (!broken.isEmpty()) {
        return new Refused(broken, verdict.reason(), warnings);
      }
      Event event =
          new Event(
              kind,
              new Version(
                  order.of(columns),
                  record.getInt(partition),
                  record.getLong(offset),
                  record.getString(topic).toString()),
              timestamp.getMillisecond(),
              accepted.row(),
              accepted.rescued());
      return new Taken(judge.key(columns), event, columns, warnings);
    }

    /** Counts an event that silver takes. */
    void count(Taken taken, ProgressReporter progress) {
      if (taken.event.kind() == Event.Kind.INSERT) {
        countNulls.count(taken.columns, progress);
      }
      progress.event(
          order.eventTime(
              taken.columns, TimestampData.fromEpochMillis(taken.event.kafkaTimestamp())));
    }
  }

  static @Nullable byte[] bytes(RowData record, int column) {
    return record.isNullAt(column) ? null : record.getBinary(column);
  }
}
