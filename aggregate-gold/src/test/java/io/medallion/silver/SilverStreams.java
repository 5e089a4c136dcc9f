package io.medallion.silver;

import io.medallion.schemas.PipelineDefinition;
import java.io.Serializable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;

/** The operators of refine-silver as it wires them, for tests without its tables. */
public final class SilverStreams {
  private SilverStreams() {}

  /** Records of bronze as events of their keys. */
  public static SingleOutputStreamOperator<RowData> decode(
      DataStream<RowData> records, PipelineDefinition pipeline) {
    return RefineSilverPipeline.decode(
        records, pipeline, new ReadEvent(pipeline, "file:///no/warehouse"));
  }

  /** Events as changes of silver. */
  public static SingleOutputStreamOperator<RowData> merge(
      DataStream<RowData> events, PipelineDefinition pipeline) {
    return RefineSilverPipeline.merge(events, pipeline);
  }

  /** What was set aside when decoding. */
  public static SingleOutputStreamOperator<RowData> quarantined(
      SingleOutputStreamOperator<RowData> events, PipelineDefinition pipeline) {
    return RefineSilverPipeline.quarantined(
        RefineSilverPipeline.setAside(events, pipeline), pipeline);
  }

  /** Changes how events meet their key, and nothing of what they say. */
  public static DataStream<RowData> edit(
      DataStream<RowData> events, PipelineDefinition pipeline, Edit edit) {
    EventRow rows = new EventRow(pipeline);
    return events.map(row -> edited(rows, row, edit), InternalTypeInfo.of(rows.rowType()));
  }

  private static RowData edited(EventRow rows, RowData row, Edit edit) {
    Event event = rows.event(row);
    Version at = event.at();
    Meeting meeting =
        edit.edit(new Meeting(rows.key(row), at.order(), at.partition(), at.offset()));
    return rows.of(
        meeting.key,
        new Event(
            event.kind(),
            new Version(meeting.order, at.partition(), at.offset(), at.topic()),
            event.kafkaTimestamp(),
            event.row(),
            event.rescued()));
  }

  /**
   * How an event meets its key.
   *
   * @param key whose state it finds
   * @param order its place among the events of the key
   */
  public record Meeting(String key, long order, int partition, long offset) {}

  /** Says how an event is to meet its key instead. */
  @FunctionalInterface
  public interface Edit extends Serializable {
    /** The meeting, or another one in its place. */
    Meeting edit(Meeting meeting);
  }
}
