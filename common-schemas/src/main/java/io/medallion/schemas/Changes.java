package io.medallion.schemas;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What the events of a pipeline do to a silver row. An event that is neither a correction nor a
 * reversal inserts the row or replaces it whole.
 *
 * @param operation the contract field that tells the kinds apart, or empty when every event inserts
 *     or replaces
 * @param correctionWhen the field's value for a correction, or empty when there are none
 * @param correctionSets the contract fields a correction may change; a field the correction leaves
 *     out or null stays
 * @param reversalWhen the field's value for a reversal, or empty when there are none
 */
public record Changes(
    String operation, String correctionWhen, List<String> correctionSets, String reversalWhen)
    implements Serializable {
  /** Every event inserts or replaces. */
  public static final Changes NONE = new Changes("", "", List.of(), "");

  public Changes {
    correctionSets = List.copyOf(correctionSets);
  }

  /** The contract field that tells the kinds of event apart. */
  public Optional<String> operationField() {
    return operation.isEmpty() ? Optional.empty() : Optional.of(operation);
  }
}
