package io.medallion.silver;

import com.fasterxml.jackson.core.JsonToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.StringData;

/** Reads JSON arrays as arrays and JSON objects as maps. */
final class ReadCollections {
  private ReadCollections() {}

  static ReadValue arrays(ContractField field, ReadNullable element) {
    return (json, rescued) -> {
      if (!json.hasToken(JsonToken.START_ARRAY)) {
        throw field.mismatch(json);
      }
      List<Object> elements = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        elements.add(element.read(json, rescued));
      }
      return new GenericArrayData(elements.toArray());
    };
  }

  static ReadValue maps(ContractField field, ReadNullable value) {
    return (json, rescued) -> {
      if (!json.hasToken(JsonToken.START_OBJECT)) {
        throw field.mismatch(json);
      }
      Map<StringData, Object> entries = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        StringData key = StringData.fromString(json.currentName());
        json.nextToken();
        entries.put(key, value.read(json, rescued));
      }
      return new GenericMapData(entries);
    };
  }
}
