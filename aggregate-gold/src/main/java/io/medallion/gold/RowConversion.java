package io.medallion.gold;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.conversion.DataStructureConverter;
import org.apache.flink.table.data.conversion.DataStructureConverters;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;

/** Between the rows of our operators and those of Flink's Table API; the row kind stays. */
abstract class RowConversion<I, O> extends RichMapFunction<I, O> {
  private static final long serialVersionUID = 1L;

  private final DataStructureConverter<Object, Object> converter;

  private RowConversion(RowType columns) {
    converter =
        DataStructureConverters.getConverter(TypeConversions.fromLogicalToDataType(columns));
  }

  @Override
  public void open(OpenContext context) {
    converter.open(getRuntimeContext().getUserCodeClassLoader());
  }

  static RowConversion<RowData, Row> toExternal(RowType columns) {
    return new RowConversion<>(columns) {
      private static final long serialVersionUID = 1L;

      @Override
      public Row map(RowData row) {
        return (Row) super.converter.toExternal(row);
      }
    };
  }

  static RowConversion<Row, RowData> toInternal(RowType columns) {
    return new RowConversion<>(columns) {
      private static final long serialVersionUID = 1L;

      @Override
      public RowData map(Row row) {
        return (RowData) super.converter.toInternal(row);
      }
    };
  }
}
