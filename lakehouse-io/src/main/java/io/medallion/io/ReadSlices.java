package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.util.Collector;

/** Reads {@link FileSlices} that were listed, each by its place in the list. */
final class ReadSlices extends RichFlatMapFunction<Long, RowData> {
  private static final long serialVersionUID = 1L;

  private final TableDefinition table;
  private final Configuration conf;
  private final ArrayList<CommittedFile> listed;

  private transient FileSlices slices;

  private ReadSlices(HudiTable hudi, List<CommittedFile> listed) {
    table = hudi.definition();
    conf = hudi.reading();
    this.listed = new ArrayList<>(listed);
  }

  /** A bounded stream of the table's columns. */
  static DataStream<RowData> read(
      StreamExecutionEnvironment env, HudiTable table, List<CommittedFile> listed) {
    // There is no sequence of nothing.
    return env.fromSequence(0, Math.max(0, listed.size() - 1))
        .flatMap(new ReadSlices(table, listed))
        .returns(InternalTypeInfo.of(table.definition().columns()));
  }

  @Override
  public void open(OpenContext context) {
    slices = new FileSlices(table, conf);
  }

  @Override
  public void flatMap(Long place, Collector<RowData> rows) throws Exception {
    if (place < listed.size()) {
      slices.read(listed.get(place.intValue()), rows::collect);
    }
  }
}
