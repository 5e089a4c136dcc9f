package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import javax.annotation.Nullable;

/**
 * Reads a value that the contract allows, or does not allow, to be null.
 *
 * @param value reads whatever is not null
 */
record ReadNullable(ContractField field, boolean nullable, ReadValue value) {
  @Nullable
  Object read(JsonParser json, RescuedFields rescued) throws IOException {
    if (!json.hasToken(JsonToken.VALUE_NULL)) {
      return value.read(json, rescued);
    }
    if (!nullable) {
      throw field.isNull(json);
    }
    return null;
  }
}
