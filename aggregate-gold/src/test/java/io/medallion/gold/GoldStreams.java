package io.medallion.gold;

import io.medallion.io.Followed;
import io.medallion.io.Input;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/** The operators of aggregate-gold as it wires them, for tests without its tables. */
public final class GoldStreams {
  private GoldStreams() {}

  /** Changes of silver as rows of each gold table. */
  public static Map<TableDefinition, SingleOutputStreamOperator<RowData>> aggregate(
      DataStream<RowData> changes, PipelineDefinition pipeline) {
    SingleOutputStreamOperator<RowData> counted = AggregateGoldPipeline.count(changes, pipeline);
    Input input = new Input(counted, Input.reports(counted));
    return AggregateGoldPipeline.aggregate(
        counted,
        AggregateGoldPipeline.references(new Followed(input, List.of()), pipeline),
        pipeline,
        new Lakehouse("file:///none", pipeline.name()));
  }

  /** Rows as Flink's Table API shows them; their kinds stay. */
  public static DataStream<Row> external(DataStream<RowData> rows, RowType columns) {
    return rows.map(
        RowConversion.toExternal(columns),
        ExternalTypeInfo.<Row>of(TypeConversions.fromLogicalToDataType(columns)));
  }
}
