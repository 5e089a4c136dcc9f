package io.medallion.io;

import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/**
 * What a job reads of several tables.
 *
 * @param input the first one; its reports say how far all of them are read
 * @param others the columns of each of the others
 */
public record Followed(Input input, List<DataStream<RowData>> others) {
  public Followed {
    others = List.copyOf(others);
  }
}
