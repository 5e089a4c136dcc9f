package io.medallion.silver;

import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.RowType;

/**
 * Compares rows by their binary form: rows of different classes are never equal in Flink. Not
 * thread-safe.
 */
final class SameContent {
  private final RowDataSerializer one;
  private final RowDataSerializer other;

  SameContent(RowType type) {
    this.one = new RowDataSerializer(type);
    this.other = new RowDataSerializer(type);
  }

  boolean test(RowData left, RowData right) {
    return one.toBinaryRow(left).equals(other.toBinaryRow(right));
  }

  /** A copy that equals those of all rows with the same content, and no other. */
  BinaryRowData comparable(RowData row) {
    return one.toBinaryRow(row).copy();
  }
}
