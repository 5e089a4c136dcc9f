package io.medallion.gold;

import io.medallion.schemas.KeyText;
import io.medallion.schemas.TableDefinition;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.table.data.RowData;

/** The key of a gold row as text. */
final class GroupKey implements KeySelector<RowData, String> {
  private static final long serialVersionUID = 1L;

  private final KeyText key;

  GroupKey(TableDefinition gold) {
    key = new KeyText(gold.columns(), gold.key());
  }

  @Override
  public String getKey(RowData row) {
    return key.of(row);
  }
}
