package io.medallion.bronze;

import io.medallion.io.KafkaRecords;
import io.medallion.io.Lakehouse;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;

/**
 * The graph of {@code ingest-bronze}.
 *
 * <pre>
 * read kafka ──▶ stamp batch ──▶ write bronze.&lt;pipeline&gt;
 * </pre>
 */
final class IngestBronzePipeline {
  private static final String STAMP_BATCH = "stamp batch";

  private IngestBronzePipeline() {}

  static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    TableDefinition bronze = Tables.bronze(pipeline);
    lakehouse.create(bronze);

    DataStream<RowData> records = KafkaRecords.read(env, pipeline);
    DataStream<RowData> rows =
        records
            .transform(
                STAMP_BATCH,
                InternalTypeInfo.of(bronze.columns()),
                new ReportingOperator.Factory(new StampBatch(bronze.columns())))
            .uid(STAMP_BATCH);
    lakehouse.write(rows, bronze);
  }
}
