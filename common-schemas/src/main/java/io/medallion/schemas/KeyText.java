package io.medallion.schemas;

import java.io.Serializable;
import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * The values of some columns of a row as one text that is equal only for equal values: each value's
 * length, a colon and the value; {@code ~} for null.
 */
public final class KeyText implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<RowData.FieldGetter> getters;

  public KeyText(RowType row, List<String> columns) {
    getters =
        columns.stream()
            .map(row::getFieldIndex)
            .map(index -> RowData.createFieldGetter(row.getTypeAt(index), index))
            .toList();
  }

  /** The text of this row's columns. */
  public String of(RowData row) {
    StringBuilder text = new StringBuilder();
    for (RowData.FieldGetter getter : getters) {
      append(text, getter.getFieldOrNull(row));
    }
    return text.toString();
  }

  static void append(StringBuilder text, @Nullable Object value) {
    if (value == null) {
      text.append('~');
    } else {
      String valueText = value.toString();
      text.append(valueText.length()).append(':').append(valueText);
    }
  }
}
