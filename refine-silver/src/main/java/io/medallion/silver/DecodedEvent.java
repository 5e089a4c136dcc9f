package io.medallion.silver;

import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;

/** What a payload turned out to be. */
sealed interface DecodedEvent {
  /**
   * An event of the contract.
   *
   * @param row the contract's fields, exactly its row type, in Flink's internal types
   * @param rescued a JSON object of the fields that the contract does not know, or null when there
   *     are none
   */
  record Accepted(GenericRowData row, @Nullable StringData rescued) implements DecodedEvent {}

  /**
   * A payload that is no event of the contract.
   *
   * @param rule what quarantine rows and metrics call the broken rule; made of the contract's names
   *     only, so that there are never more rules than the contract has fields
   * @param reason what was found where, and what was expected; holds at most a short excerpt
   */
  record Rejected(String rule, String reason) implements DecodedEvent {}
}
