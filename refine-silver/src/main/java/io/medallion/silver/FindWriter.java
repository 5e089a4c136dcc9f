package io.medallion.silver;

import java.io.Serializable;

/** Finds out with which schema a payload was written. Not thread-safe: one per subtask. */
interface FindWriter extends Serializable {
  /**
   * Reads what stands before the datum.
   *
   * @return what reads the datum as a row of the contract
   * @throws RejectedEventException if the payload does not start as it must, or its schema is not
   *     known
   * @throws IllegalStateException if where schemas are kept cannot be asked
   */
  ReadAvro reader(AvroInput payload) throws RejectedEventException;

  /** Forgets which schemas were not there: they may be by now, and are asked for again. */
  default void forgetUnknown() {}
}
