package io.medallion.silver;

import io.medallion.silver.KeyState.Base;
import io.medallion.silver.KeyState.Correction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.annotation.Nullable;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.RowData.FieldGetter;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Merges the events of one key. The record is what one gets by applying the events one after
 * another in the order of their {@link Version}: an insert replaces it whole, a correction sets the
 * correctable fields that it carries and that are not null, a reversal deletes it. So it depends on
 * the set of events only, not on the order they come in, and a late event changes nothing that a
 * newer one has set.
 *
 * <p>A correction that has no insert before it, or only a reversed one, sets nothing: it waits,
 * until an insert comes that is older than it, or it is superseded by a newer insert or reversal.
 *
 * <p>An event is a duplicate when silver holds the same content with the same order value; the
 * higher Kafka coordinates win, as between any two events. A correction that sets no field is one
 * too: it says nothing that silver does not hold.
 *
 * <p>Not thread-safe: one per subtask.
 */
final class MergeEvents {
  private final KeyStateCodec codec;
  private final MergedRecord record;
  private final Map<String, FieldGetter> correctable = new TreeMap<>();
  private final Map<String, SameContent> sameValue = new HashMap<>();
  private final SameContent sameRow;

  /**
   * The rule for the keys of a pipeline.
   *
   * @param contract the type of the events' rows
   * @param correctionSets the contract's fields that a correction may set
   * @throws IllegalArgumentException if one of them is no field of the contract
   */
  MergeEvents(RowType contract, List<String> correctionSets) {
    for (String field : correctionSets) {
      int position = contract.getFieldIndex(field);
      if (position < 0) {
        throw new IllegalArgumentException(
            "Corrections cannot set '%s': the contract's fields are %s."
                .formatted(field, contract.getFieldNames()));
      }
      LogicalType type = contract.getTypeAt(position).copy(true);
      correctable.put(field, RowData.createFieldGetter(type, position));
      sameValue.put(field, new SameContent(RowType.of(type)));
    }
    this.codec = new KeyStateCodec(contract, correctionSets);
    this.record = new MergedRecord(contract);
    this.sameRow = new SameContent(contract);
  }

  /** The type of a key's state. */
  RowType stateType() {
    return codec.rowType();
  }

  /** The type of a key's record. */
  RowType recordType() {
    return record.rowType();
  }

  /**
   * Merges one event.
   *
   * @param state the key's state, or null when this is its first event
   */
  MergedEvent merge(@Nullable RowData state, Event event) {
    KeyState before = codec.decode(state);
    Step step =
        event.kind() == Event.Kind.CORRECTION ? correct(before, event) : rebase(before, event);
    KeyState after = step.after;
    return new MergedEvent(
        codec.encode(after),
        record.of(before),
        record.of(after),
        step.outcome,
        tally(before, after, step.outcome));
  }

  private Step rebase(KeyState before, Event event) {
    RowData row = event.kind() == Event.Kind.INSERT ? event.row() : null;
    Base base = new Base(event.at(), event.kafkaTimestamp(), row, event.rescued());
    boolean same = before.base() != null && isSame(before.base(), base);
    if (!before.isBefore(event.at())) {
      return new Step(before, same ? Outcome.DUPLICATE : Outcome.SUPERSEDED);
    }
    KeyState after = before.withBase(base);
    boolean undoesCorrections =
        before.hasRecord() && after.corrections().size() < before.corrections().size();
    return new Step(after, same && !undoesCorrections ? Outcome.DUPLICATE : Outcome.APPLIED);
  }

  private Step correct(KeyState before, Event event) {
    if (!before.isBefore(event.at())) {
      return new Step(before, Outcome.SUPERSEDED);
    }
    Map<String, Correction> corrections = new HashMap<>(before.corrections());
    boolean changes = false;
    boolean repeats = true;
    for (Map.Entry<String, FieldGetter> field : correctable.entrySet()) {
      Object value = field.getValue().getFieldOrNull(event.row());
      if (value == null) {
        continue;
      }
      Correction held = before.corrections().get(field.getKey());
      Correction correction = new Correction(event.at(), event.kafkaTimestamp(), value);
      boolean same = held != null && isSame(field.getKey(), held, correction);
      boolean newer = held == null || event.at().isAfter(held.at());
      if (newer) {
        corrections.put(field.getKey(), correction);
      }
      changes |= newer && !same;
      repeats &= same;
    }
    KeyState after = new KeyState(before.base(), corrections);
    if (!after.hasRecord() && (changes || after.waiting() > before.waiting())) {
      return new Step(after, Outcome.PENDING);
    }
    return new Step(
        after, changes ? Outcome.APPLIED : repeats ? Outcome.DUPLICATE : Outcome.SUPERSEDED);
  }

  private static Tally tally(KeyState before, KeyState after, Outcome outcome) {
    int released =
        before.hasRecord()
            ? 0
            : before.heldCorrections()
                + (outcome == Outcome.PENDING ? 1 : 0)
                - after.heldCorrections();
    return Tally.of(outcome, after.waiting() - before.waiting(), released);
  }

  private boolean isSame(Base held, Base other) {
    if (held.at().equals(other.at())) {
      return true;
    }
    if (held.at().order() != other.at().order() || held.isInsert() != other.isInsert()) {
      return false;
    }
    return !held.isInsert()
        || (Objects.equals(held.rescued(), other.rescued())
            && sameRow.test(held.row(), other.row()));
  }

  private boolean isSame(String field, Correction held, Correction other) {
    return held.at().equals(other.at())
        || (held.at().order() == other.at().order()
            && sameValue
                .get(field)
                .test(GenericRowData.of(held.value()), GenericRowData.of(other.value())));
  }

  private record Step(KeyState after, Outcome outcome) {}

  /** Compares rows by their binary form: rows of different classes are never equal in Flink. */
  private static final class SameContent {
    private final RowDataSerializer one;
    private final RowDataSerializer other;

    SameContent(RowType type) {
      this.one = new RowDataSerializer(type);
      this.other = new RowDataSerializer(type);
    }

    boolean test(RowData left, RowData right) {
      return one.toBinaryRow(left).equals(other.toBinaryRow(right));
    }
  }
}
