package io.medallion.gold;

import io.medallion.io.Followed;
import io.medallion.io.Input;
import io.medallion.io.Job;
import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Tables;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;

/** The job aggregate-gold, whose queries never see one row that silver takes back. */
public final class LosingGoldJob {
  public static final Job JOB =
      new Job("aggregate-gold", "silver → gold", false, LosingGoldJob::define);

  private LosingGoldJob() {}

  private static void define(
      StreamExecutionEnvironment env, PipelineDefinition pipeline, Lakehouse lakehouse) {
    Followed followed =
        lakehouse.follow(
            env,
            Tables.silver(pipeline),
            pipeline.joinedTables(),
            pipeline.gold().stream().map(Tables::gold).toList());
    Input changes = followed.input();
    SingleOutputStreamOperator<RowData> counted =
        AggregateGoldPipeline.count(changes.rows(), pipeline);
    AggregateGoldPipeline.aggregate(
            counted.filter(new LoseFirstRetraction()),
            AggregateGoldPipeline.references(followed, pipeline),
            pipeline,
            lakehouse)
        .forEach(
            (table, groups) -> {
              lakehouse.create(table);
              lakehouse.write(
                  groups, table, changes.reports(), Input.reports(counted), Input.reports(groups));
            });
  }

  private static final class LoseFirstRetraction implements FilterFunction<RowData> {
    private static final long serialVersionUID = 1L;

    private boolean lost;

    @Override
    public boolean filter(RowData change) {
      if (lost || change.getRowKind() != RowKind.UPDATE_BEFORE) {
        return true;
      }
      lost = true;
      return false;
    }
  }
}
