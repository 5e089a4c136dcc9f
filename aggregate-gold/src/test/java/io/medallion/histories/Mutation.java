package io.medallion.histories;

import io.medallion.silver.SilverStreams;
import java.io.Serializable;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.table.data.RowData;

/**
 * What is broken on purpose between the operators.
 *
 * @param meetings how events meet their keys in silver
 * @param changes which changes of silver reach gold
 */
record Mutation(SilverStreams.Edit meetings, FilterFunction<RowData> changes)
    implements Serializable {
  static final Mutation NONE = new Mutation(meeting -> meeting, change -> true);
}
