package io.medallion.silver;

import io.medallion.schemas.Changes;
import java.io.Serializable;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/** Tells what an event does to its record, by the operation field of the contract. */
final class EventKind implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Changes changes;
  private final int operation;

  EventKind(Changes changes, RowType contract) {
    this.changes = changes;
    this.operation = changes.operationField().map(contract::getFieldIndex).orElse(-1);
  }

  Event.Kind of(RowData row) {
    if (operation < 0 || row.isNullAt(operation)) {
      return Event.Kind.INSERT;
    }
    String value = row.getString(operation).toString();
    if (value.equals(changes.correctionWhen())) {
      return Event.Kind.CORRECTION;
    }
    return value.equals(changes.reversalWhen()) ? Event.Kind.REVERSAL : Event.Kind.INSERT;
  }
}
