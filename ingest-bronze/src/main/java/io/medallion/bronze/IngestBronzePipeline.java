package io.medallion.bronze;

import io.medallion.io.Input;
import io.medallion.io.KafkaRecords;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;

/**
 * The graph of {@code ingest-bronze}.
 *
 * <pre>
 * read kafka ──▶ continue kafka ──▶ stamp batch ──▶ write bronze.&lt;pipeline&gt;
 * </pre>
 */
final class IngestBronzePipeline {
  private static final String STAMP_BATCH = "stamp batch";

  private IngestBronzePipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition bronze = Tables.bronze(pipeline);
    lakehouse.create(bronze);

    Input records = KafkaRecords.read(env, pipeline, lakehouse);
    SingleOutputStreamOperator<RowData> rows =
        records
            .rows()
            .transform(
                STAMP_BATCH,
                InternalTypeInfo.of(bronze.columns()),
                new StampBatch(bronze.columns()))
            .uid(STAMP_BATCH);
    lakehouse.write(rows, bronze, records.reports(), Input.reports(rows));
  }
}
