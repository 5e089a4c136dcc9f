package io.medallion.silver;

import java.io.IOException;
import javax.annotation.Nullable;

/** Reads what was written with one schema as one type of the contract. */
@FunctionalInterface
interface ReadAvro {
  /**
   * Reads the value at which the payload stands, all of it also where it breaks a rule; which one
   * is noted in the payload ({@link AvroInput#broken}).
   *
   * @param rescued takes fields that the contract does not know
   * @return the value in Flink's internal type; anything when it breaks a rule
   * @throws RejectedEventException if the bytes are no value of the writer's schema
   */
  @Nullable
  Object read(AvroInput payload, RescuedFields rescued) throws IOException;
}
