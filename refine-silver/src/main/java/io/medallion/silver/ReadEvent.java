package io.medallion.silver;

import io.medallion.io.ProgressReporter;
import io.medallion.schemas.Expectation.Violation;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.Tables;
import java.io.Serializable;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.runtime.execution.SuppressRestartsException;
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

  /**
   * @param warehouse that has the tables which rules ask
   */
  ReadEvent(PipelineDefinition pipeline, String warehouse) {
    this.decode = DecodePayload.of(pipeline.source());
    this.select =
        PlannedSelect.plan(
            "silver.sql",
            pipeline.silver().sql(),
            "bronze",
            pipeline.source().contract().rowType());
    this.judge = new JudgeEvent(pipeline.silver(), warehouse);
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
      return taken(record, accepted, columns, kind, warnings);
    }

    /**
     * An event that silver has taken, whatever the rules say of it now.
     *
     * @throws SuppressRestartsException if it cannot be read any more
     */
    Taken take(RowData record) {
      String why = "it has no key or no order";
      if (decode.decode(bytes(record, payload)) instanceof DecodedEvent.Accepted accepted) {
        try {
          RowData columns = selected.evaluate(accepted.row());
          if (judge.hasPlace(columns)) {
            return taken(record, accepted, columns, kinds.of(accepted.row()), List.of());
          }
        } catch (Exception failure) {
          why = "the SELECT fails for it: " + failure;
        }
      } else {
        why = "its payload cannot be read by the contract";
      }
      throw new SuppressRestartsException(
          new IllegalStateException(
              "Event %s-%d@%d is in silver and cannot be read any more: %s. Take the contract and the query that could read it, or start from a checkpoint."
                  .formatted(
                      record.getString(topic),
                      record.getInt(partition),
                      record.getLong(offset),
                      why)));
    }

    private Taken taken(
        RowData record,
        DecodedEvent.Accepted accepted,
        RowData columns,
        Event.Kind kind,
        List<String> warnings) {
      return new Taken(
          judge.key(columns),
          new Event(
              kind,
              new Version(
                  order.of(columns),
                  record.getInt(partition),
                  record.getLong(offset),
                  record.getString(topic).toString()),
              record.getTimestamp(kafkaTimestamp, 3).getMillisecond(),
              accepted.row(),
              accepted.rescued()),
          columns,
          warnings);
    }

    /** Looks what the references of rules hold now, and which schemas are there by now. */
    void lookAgain() {
      judgement.lookAtReferences();
      decode.forgetUnknown();
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
