package io.medallion.silver;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.RowData.FieldGetter;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** The contract's fields that a correction may set. Not thread-safe. */
final class CorrectableFields {
  private final SortedMap<String, FieldGetter> getters = new TreeMap<>();
  private final Map<String, SameContent> same = new HashMap<>();

  /**
   * The fields of a pipeline.
   *
   * @param contract the type of the events' rows
   * @param correctionSets the contract's fields that a correction may set
   * @throws IllegalArgumentException if one of them is no field of the contract
   */
  CorrectableFields(RowType contract, List<String> correctionSets) {
    for (String field : correctionSets) {
      int position = contract.getFieldIndex(field);
      if (position < 0) {
        throw new IllegalArgumentException(
            "Corrections cannot set '%s': the contract's fields are %s."
                .formatted(field, contract.getFieldNames()));
      }
      LogicalType type = contract.getTypeAt(position).copy(true);
      getters.put(field, RowData.createFieldGetter(type, position));
      same.put(field, new SameContent(RowType.of(type)));
    }
  }

  /**
   * What a correction sets: the correctable fields that it carries and that are not null.
   *
   * @param row the contract's fields
   */
  SortedMap<String, Object> setBy(RowData row) {
    SortedMap<String, Object> values = new TreeMap<>();
    getters.forEach(
        (field, getter) -> {
          Object value = getter.getFieldOrNull(row);
          if (value != null) {
            values.put(field, value);
          }
        });
    return values;
  }

  /** A value of a field as a row that equals those of the same value, and no other. */
  BinaryRowData comparable(String field, Object value) {
    return same.get(field).comparable(GenericRowData.of(value));
  }

  /** Whether two values of a field are the same. */
  boolean isSame(String field, Object one, Object other) {
    return same.get(field).test(GenericRowData.of(one), GenericRowData.of(other));
  }
}
