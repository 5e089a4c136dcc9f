package io.medallion.silver;

import io.medallion.silver.KeyState.Base;
import io.medallion.silver.KeyState.Correction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;
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
 * <p>Two events are the same when they have the same content with the same order value; the one
 * with the higher Kafka coordinates wins, as between any two events, and the other one is the
 * duplicate. A correction that sets no field is one too: it says nothing that silver does not hold.
 *
 * <p>Each event is in one {@link Outcome}. Those that the state holds are never superseded nor
 * duplicate: the insert is applied, the reversal deleted, and the corrections are applied with a
 * record and pending without one. So the state tells what each of them is counted as, and a later
 * event that changes this says so in its {@link Move}s. What the state does not hold never moves
 * again.
 *
 * <p>Not thread-safe: one per subtask.
 */
final class MergeEvents {
  private final KeyStateCodec codec;
  private final MergedRecord record;
  private final CorrectableFields correctable;
  private final SameContent sameRow;

  /**
   * The rule for the keys of a pipeline.
   *
   * @param contract the type of the events' rows
   * @param correctionSets the contract's fields that a correction may set
   * @throws IllegalArgumentException if one of them is no field of the contract
   */
  MergeEvents(RowType contract, List<String> correctionSets) {
    this.correctable = new CorrectableFields(contract, correctionSets);
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
    return new MergedEvent(
        codec.encode(step.after),
        record.of(before),
        record.of(step.after),
        step.outcome,
        moves(before, step));
  }

  private Step rebase(KeyState before, Event event) {
    RowData row = event.kind() == Event.Kind.INSERT ? event.row() : null;
    Base base = new Base(event.at(), event.kafkaTimestamp(), row, event.rescued());
    boolean same = before.base() != null && isSame(before.base(), base);
    if (!before.isBefore(event.at())) {
      return new Step(before, same ? Outcome.DUPLICATE : Outcome.SUPERSEDED, false);
    }
    KeyState after = before.withBase(base);
    boolean undoesCorrections =
        before.hasRecord() && after.corrections().size() < before.corrections().size();
    return new Step(after, base.outcome(), same && !undoesCorrections);
  }

  private Step correct(KeyState before, Event event) {
    if (!before.isBefore(event.at())) {
      return new Step(before, Outcome.SUPERSEDED, false);
    }
    Map<String, Correction> corrections = new HashMap<>(before.corrections());
    boolean holds = false;
    boolean repeats = true;
    for (Map.Entry<String, Object> field : correctable.setBy(event.row()).entrySet()) {
      Correction held = before.corrections().get(field.getKey());
      Correction correction = new Correction(event.at(), event.kafkaTimestamp(), field.getValue());
      if (held == null || event.at().isAfter(held.at())) {
        corrections.put(field.getKey(), correction);
        holds = true;
      } else {
        repeats &= isSame(field.getKey(), held, correction);
      }
    }
    if (!holds) {
      return new Step(before, repeats ? Outcome.DUPLICATE : Outcome.SUPERSEDED, false);
    }
    KeyState after = new KeyState(before.base(), corrections);
    return new Step(after, after.ofCorrections(), false);
  }

  private List<Move> moves(KeyState before, Step step) {
    if (before.corrections().isEmpty() && !step.repeatsBase) {
      return List.of();
    }
    List<Move> moves = new ArrayList<>();
    if (step.repeatsBase) {
      Base repeated = before.base();
      moves.add(new Move(repeated.at(), repeated.outcome(), Outcome.DUPLICATE));
    }
    Outcome was = before.ofCorrections();
    Set<Version> held = step.after.heldCorrections();
    for (Version correction : before.heldCorrections()) {
      Outcome is =
          held.contains(correction)
              ? step.after.ofCorrections()
              : repeats(before, step.after, correction)
                  ? Outcome.DUPLICATE
                  : was == Outcome.PENDING ? Outcome.SUPERSEDED : was;
      if (is != was) {
        moves.add(new Move(correction, was, is));
      }
    }
    return moves;
  }

  /** Whether all that was held of a correction is held now with the same values. */
  private boolean repeats(KeyState before, KeyState after, Version correction) {
    for (Map.Entry<String, Correction> held : before.corrections().entrySet()) {
      if (held.getValue().at().equals(correction)) {
        Correction now = after.corrections().get(held.getKey());
        if (now == null || !isSame(held.getKey(), held.getValue(), now)) {
          return false;
        }
      }
    }
    return true;
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
            && correctable.isSame(field, held.value(), other.value()));
  }

  /**
   * One event merged.
   *
   * @param outcome of the event
   * @param repeatsBase whether it took the place of a base that is the same
   */
  private record Step(KeyState after, Outcome outcome, boolean repeatsBase) {}
}
