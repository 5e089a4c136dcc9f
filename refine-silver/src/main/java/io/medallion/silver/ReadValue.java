package io.medallion.silver;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** Reads JSON as one type of the contract. */
@FunctionalInterface
interface ReadValue {
  /**
   * Reads the value that the parser stands on, which is not null, and leaves the parser on its last
   * token.
   *
   * @param rescued takes fields that the contract does not know
   * @return the value in Flink's internal type
   * @throws RejectedEventException if it is no value of this type
   */
  Object read(JsonParser json, RescuedFields rescued) throws IOException;
}
