package io.medallion.gold;

import io.medallion.io.Progress;
import io.medallion.io.ReportingOperator;
import io.medallion.schemas.TableDefinition;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.types.RowKind;

/**
 * Counts the silver changes that were read and follows their event time, where the order column is
 * one.
 */
final class ReportInput extends ReportingOperator {
  private static final long serialVersionUID = 1L;

  private final int order;
  private final int timestampPrecision;

  ReportInput(TableDefinition silver, String orderBy) {
    order = silver.columns().getFieldIndex(orderBy);
    LogicalType type = silver.columns().getTypeAt(order);
    timestampPrecision =
        type.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE)
            ? LogicalTypeChecks.getPrecision(type)
            : -1;
  }

  @Override
  public void processElement(StreamRecord<RowData> element) {
    RowData change = element.getValue();
    progress().count(Progress.INPUT, 1);
    if (timestampPrecision >= 0
        && !change.isNullAt(order)
        && change.getRowKind() != RowKind.UPDATE_BEFORE
        && change.getRowKind() != RowKind.DELETE) {
      progress().event(change.getTimestamp(order, timestampPrecision).getMillisecond());
    }
    output.collect(element);
  }
}
