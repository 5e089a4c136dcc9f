package io.medallion.silver;

import io.medallion.io.PartitionFolder;
import io.medallion.schemas.Expectation;
import io.medallion.schemas.Expectation.Violation;
import io.medallion.schemas.KeyText;
import io.medallion.schemas.PlannedSelect;
import io.medallion.schemas.ReferenceRule;
import io.medallion.schemas.SilverDefinition;
import io.medallion.schemas.Tables;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;

/**
 * Judges the SELECT of one event by the rules of the pipeline. Every event must have its key and
 * its order, and a partition that a folder can be named after; beyond that a not-null rule asks
 * only events that insert, since a correction leaves out what it does not set.
 */
final class JudgeEvent implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<Rule> rules = new ArrayList<>();
  private final List<Asked> asked = new ArrayList<>();
  private final List<Required> required = new ArrayList<>();
  private final List<Required> folders = new ArrayList<>();
  private final KeyText key;
  private final String warehouse;

  /**
   * @param warehouse that has the references
   */
  JudgeEvent(SilverDefinition silver, String warehouse) {
    this.warehouse = warehouse;
    key = new KeyText(silver.columns(), silver.key());
    silver
        .key()
        .forEach(
            column ->
                required.add(
                    new Required(
                        "key: " + column, column, silver.columns().getFieldIndex(column))));
    required.add(
        new Required(
            "order-by: " + silver.orderBy(),
            silver.orderBy(),
            silver.columns().getFieldIndex(silver.orderBy())));

    silver
        .partitionBy()
        .forEach(
            column -> {
              int index = silver.columns().getFieldIndex(column);
              if (silver.columns().getTypeAt(index).is(LogicalTypeFamily.CHARACTER_STRING)) {
                folders.add(new Required("partition-by: " + column, column, index));
              }
            });

    List<RowType.RowField> judged = new ArrayList<>(silver.columns().getFields());
    judged.add(new RowType.RowField(Tables.NOW, new TimestampType(3)));
    Set<String> always = new LinkedHashSet<>(silver.key());
    always.add(silver.orderBy());
    for (Expectation expectation : silver.expectations()) {
      rules.add(
          new Rule(
              expectation,
              !expectation.notNull().isEmpty() && !always.containsAll(expectation.notNull()),
              PlannedSelect.plan(
                  expectation.name(),
                  "SELECT (" + expectation.condition() + ") AS holds FROM judged",
                  "judged",
                  new RowType(false, judged))));
    }
    for (ReferenceRule rule : silver.referenceRules()) {
      asked.add(
          new Asked(
              rule,
              silver.columns().getFieldIndex(rule.column()),
              new KeyText(silver.columns(), List.of(rule.column()))));
    }
  }

  /** The key's text; the event has one if {@link Judgement#judge} says nothing else. */
  String key(RowData columns) {
    return key.of(columns);
  }

  Judgement open(StreamTask<?, ?> task, ProcessingTimeService processingTime) throws Exception {
    List<PlannedSelect.Evaluation> conditions = new ArrayList<>();
    for (Rule rule : rules) {
      conditions.add(rule.condition.open(task, processingTime));
    }
    return new Judgement(
        conditions,
        asked.stream().map(reference -> new ReferenceKeys(reference.rule, warehouse)).toList());
  }

  /** Whether an event has its key and its order. */
  boolean hasPlace(RowData columns) {
    return required.stream().noneMatch(column -> columns.isNullAt(column.index));
  }

  /** The rules in an operator. */
  final class Judgement {
    private final List<PlannedSelect.Evaluation> conditions;
    private final List<ReferenceKeys> references;

    private Judgement(List<PlannedSelect.Evaluation> conditions, List<ReferenceKeys> references) {
      this.conditions = conditions;
      this.references = references;
    }

    /** Looks what the references hold now. */
    void lookAtReferences() {
      references.forEach(ReferenceKeys::look);
    }

    /**
     * @param columns the SELECT of the event
     * @param now what the rules see as the present
     */
    Verdict judge(RowData columns, Event.Kind kind, TimestampData now) {
      Verdict verdict = new Verdict();
      for (Required column : required) {
        if (columns.isNullAt(column.index)) {
          verdict.add(column.rule, Violation.QUARANTINE, "is null");
        }
      }
      for (Required column : folders) {
        if (columns.isNullAt(column.index)) {
          continue;
        }
        String value = columns.getString(column.index).toString();
        if (PartitionFolder.isTooLong(column.name, value)) {
          verdict.add(
              column.rule,
              Violation.QUARANTINE,
              "would name a folder with %,d bytes, expected at most %d"
                  .formatted(PartitionFolder.bytes(column.name, value), PartitionFolder.LONGEST));
        }
      }
      RowData judged = new JoinedRowData(columns, GenericRowData.of(now));
      for (int i = 0; i < rules.size(); i++) {
        Rule rule = rules.get(i);
        if (rule.insertsOnly && kind != Event.Kind.INSERT) {
          continue;
        }
        try {
          RowData holds = conditions.get(i).evaluate(judged);
          if (!holds.isNullAt(0) && !holds.getBoolean(0)) {
            verdict.add(rule.expectation.name(), rule.expectation.otherwise(), "is not met");
          }
        } catch (Exception broken) {
          verdict.add(
              rule.expectation.name(), Violation.QUARANTINE, "cannot be evaluated: " + broken);
        }
      }
      for (int i = 0; i < asked.size(); i++) {
        Asked reference = asked.get(i);
        if (!columns.isNullAt(reference.index)
            && !references.get(i).has(reference.value.of(columns))) {
          verdict.add(
              reference.rule.name(),
              reference.rule.otherwise(),
              "is not met: %s has no such %s"
                  .formatted(reference.rule.reference().name(), reference.rule.keyColumn()));
        }
      }
      return verdict;
    }
  }

  /** The rules that an event breaks. */
  static final class Verdict {
    private final List<Broken> broken = new ArrayList<>();

    private void add(String rule, Violation violation, String how) {
      broken.add(new Broken(rule, violation, how));
    }

    List<String> violated(Violation violation) {
      return broken.isEmpty()
          ? List.of()
          : broken.stream()
              .filter(rule -> rule.violation == violation)
              .map(Broken::rule)
              .distinct()
              .toList();
    }

    String reason() {
      List<String> reasons = new ArrayList<>();
      broken.stream()
          .filter(rule -> rule.violation == Violation.QUARANTINE)
          .forEach(rule -> reasons.add("'" + rule.rule + "' " + rule.how));
      return String.join("; ", reasons);
    }
  }

  private record Broken(String rule, Violation violation, String how) {}

  private record Asked(ReferenceRule rule, int index, KeyText value) implements Serializable {}

  private record Required(String rule, String name, int index) implements Serializable {}

  private record Rule(Expectation expectation, boolean insertsOnly, PlannedSelect condition)
      implements Serializable {}
}
