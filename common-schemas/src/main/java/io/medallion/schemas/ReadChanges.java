package io.medallion.schemas;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/** Reads {@code silver.changes}. */
final class ReadChanges {
  private final Section changes;
  private final Optional<Contract> contract;
  private final Set<String> identity;

  ReadChanges(Section changes, Optional<Contract> contract, Set<String> identity) {
    this.changes = changes;
    this.contract = contract;
    this.identity = identity;
  }

  Changes read() {
    changes.onlyKeys(PipelineKeys.CHANGES);
    Optional<String> operation =
        changes.required(
            "operation",
            "the contract field that tells the kinds of event apart",
            "operation: update_type");
    boolean known = operation.filter(this::isText).isPresent();
    Optional<Section> correction =
        changes.section(
            "correction", "when and sets", "correction: { when: CORRECTION, sets: [amount] }");
    Optional<Section> reversal =
        changes.section("reversal", "when", "reversal: { when: REVERSAL }");
    String correctionWhen =
        correction
            .map(section -> section.onlyKeys(PipelineKeys.CORRECTION))
            .flatMap(section -> when(section, "CORRECTION", operation.filter(field -> known)))
            .orElse("");
    List<String> sets = correction.map(this::sets).orElse(List.of());
    String reversalWhen =
        reversal
            .map(section -> section.onlyKeys(PipelineKeys.REVERSAL))
            .flatMap(section -> when(section, "REVERSAL", operation.filter(field -> known)))
            .orElse("");
    if (!reversalWhen.isEmpty() && reversalWhen.equals(correctionWhen)) {
      reversal
          .orElseThrow()
          .problem(
              "when",
              reversalWhen + ", as for corrections",
              "another value than changes.correction.when",
              "Give corrections and reversals a value each.");
    }
    return new Changes(operation.orElse(""), correctionWhen, sets, reversalWhen);
  }

  private boolean isText(String operation) {
    if (contract.isEmpty()) {
      return false;
    }
    RowType fields = contract.get().rowType();
    int index = fields.getFieldIndex(operation);
    if (index < 0) {
      notAField(changes, "operation", operation);
      return false;
    }
    LogicalType type = fields.getTypeAt(index);
    if (!type.is(LogicalTypeRoot.VARCHAR)) {
      changes.problem(
          "operation",
          operation + " of type " + type.copy(true).asSummaryString(),
          "a string or enum field",
          "Name the field that says NEW, CORRECTION or the like.");
      return false;
    }
    return true;
  }

  private Optional<String> when(Section section, String example, Optional<String> operation) {
    Optional<String> when =
        section.required("when", "the operation's value for it", "when: " + example);
    List<String> symbols = operation.map(this::symbols).orElse(List.of());
    when.filter(value -> !symbols.isEmpty() && !symbols.contains(value))
        .ifPresent(
            value ->
                section.problem(
                    "when",
                    value,
                    "a symbol of " + operation.orElseThrow() + ": " + String.join(", ", symbols),
                    NearestWord.of(value, symbols)
                        .map(nearest -> "Did you mean " + nearest + "?")
                        .orElse("Name one of these, or add the symbol to the contract.")));
    return when;
  }

  /** The symbols of an enum field; empty for a string. */
  private List<String> symbols(String field) {
    Schema schema = contract.orElseThrow().schema().getField(field).schema();
    if (schema.isUnion()) {
      schema =
          schema.getTypes().stream()
              .filter(type -> type.getType() != Schema.Type.NULL)
              .findFirst()
              .orElseThrow();
    }
    return schema.getType() == Schema.Type.ENUM ? schema.getEnumSymbols() : List.of();
  }

  private List<String> sets(Section correction) {
    List<String> sets =
        correction.requiredTexts(
            "sets", "the contract fields that a correction may change", "sets: [amount]");
    for (String field : sets) {
      if (contract.isPresent() && contract.get().rowType().getFieldIndex(field) < 0) {
        notAField(correction, "sets", field);
      } else if (identity.contains(field)) {
        correction.itemProblem(
            "sets",
            field,
            field + ", which silver.key is computed from",
            "fields that do not change which row is meant",
            "Remove it; to move a record, reverse it and send it anew.");
      }
    }
    return sets;
  }

  private void notAField(Section section, String key, String field) {
    List<String> fields = contract.orElseThrow().rowType().getFieldNames();
    section.itemProblem(
        key,
        field,
        field,
        "a field of the contract: " + String.join(", ", fields),
        NearestWord.of(field, fields)
            .map(nearest -> "Did you mean " + nearest + "?")
            .orElse("Name one of these; columns of the SELECT are not fields."));
  }
}
