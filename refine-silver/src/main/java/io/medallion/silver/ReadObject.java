package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;

/**
 * Reads a JSON object as a record of the contract: fields by name in any order, unknown ones
 * rescued. A missing field takes its default, else null if it may be null.
 */
final class ReadObject implements ReadValue {
  private final ContractField record;
  private final List<Member> members;
  private final Map<String, Integer> positions = new HashMap<>();

  /** Of the record in hand; reused, since records do not contain themselves. */
  private final boolean[] seen;

  ReadObject(ContractField record, List<Member> members) {
    this.record = record;
    this.members = List.copyOf(members);
    this.seen = new boolean[members.size()];
    for (int i = 0; i < members.size(); i++) {
      positions.put(members.get(i).name, i);
    }
  }

  @Override
  public GenericRowData read(JsonParser json, RescuedFields rescued) throws IOException {
    if (!json.hasToken(JsonToken.START_OBJECT)) {
      throw record.mismatch(json);
    }
    GenericRowData row = new GenericRowData(members.size());
    Arrays.fill(seen, false);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      Integer position = positions.get(json.currentName());
      if (position == null) {
        rescued.rescue(json);
      } else {
        seen[position] = true;
        json.nextToken();
        row.setField(position, members.get(position).value.read(json, rescued));
      }
    }
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        row.setField(i, members.get(i).missing(json));
      }
    }
    return row;
  }

  /**
   * One field of the record.
   *
   * @param value reads the field's value, null included
   * @param whenMissing the contract's default in Flink's internal type; null also when there is
   *     none
   * @param required whether a missing field breaks the contract: no default, and never null
   */
  record Member(
      String name,
      ContractField field,
      ReadNullable value,
      @Nullable Object whenMissing,
      boolean required) {
    @Nullable
    private Object missing(JsonParser json) throws RejectedEventException {
      if (required) {
        throw field.isMissing(json, name);
      }
      return whenMissing;
    }
  }
}
