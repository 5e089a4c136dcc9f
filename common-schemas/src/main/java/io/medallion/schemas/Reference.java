package io.medallion.schemas;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;

/**
 * A table beside silver that the gold queries of a pipeline may join and its rules may ask, under a
 * name of its own.
 */
public sealed interface Reference extends Serializable {
  /** What SQL calls it. */
  String name();

  RowType columns();

  /** The columns that identify a row. */
  List<String> key();

  /** What a query that joins it depends on beside its own text. */
  String fingerprint();

  /**
   * A file of the pipeline folder; its rows are what they were when the job was planned.
   *
   * @param columns all of them STRING
   * @param rows a text for each column, or null where the file has none
   */
  record OfFile(String name, RowType columns, List<String> key, List<List<String>> rows)
      implements Reference {
    public OfFile {
      key = List.copyOf(key);
      rows = List.copyOf(rows);
    }

    /** Its rows as operators have them. */
    public List<RowData> rowData() {
      return rows.stream()
          .<RowData>map(
              row -> GenericRowData.of(row.stream().map(StringData::fromString).toArray()))
          .toList();
    }

    @Override
    public String fingerprint() {
      StringBuilder values = new StringBuilder();
      columns.getFieldNames().forEach(name -> KeyText.append(values, name));
      rows.forEach(row -> row.forEach(value -> KeyText.append(values, value)));
      return Fingerprint.of(values.toString());
    }
  }

  /**
   * Silver of another pipeline in the same warehouse, whose changes are followed.
   *
   * @param table as that pipeline defines it
   */
  record OfPipeline(String name, TableDefinition table) implements Reference {
    @Override
    public RowType columns() {
      return table.columns();
    }

    @Override
    public List<String> key() {
      return table.key();
    }

    @Override
    public String fingerprint() {
      return table.qualifiedName();
    }
  }
}
