package io.medallion.services.chaos;

import io.medallion.io.ledger.AuditReport;
import io.medallion.services.chaos.FaultResult.Outcome;
import io.medallion.services.verify.GoldCheck;
import java.util.List;
import java.util.Optional;

/**
 * A part of a run and its verdict.
 *
 * @param reads snapshots of bronze that were read meanwhile
 * @param failedReads that ended with an exception
 * @param notes what a reader of the numbers must know, e.g. that the disk was a simulated one
 * @param faults in their order
 * @param others what went wrong before the first fault
 * @param notDrained what never reached gold; empty when everything has
 * @param count of bronze's offsets at the end
 * @param audit of all tables at the end; of our sink's alone
 * @param gold compared with its recomputation
 */
record PartReport(
    long reads,
    long failedReads,
    List<String> notes,
    List<FaultResult> faults,
    FaultResult others,
    Optional<String> notDrained,
    OffsetCount count,
    Optional<AuditReport> audit,
    List<GoldCheck> gold) {

  PartReport {
    notes = List.copyOf(notes);
    faults = List.copyOf(faults);
    gold = List.copyOf(gold);
  }

  /** Whether nothing was lost, doubled, partial, different, and everything recovered. */
  boolean good() {
    return notDrained.isEmpty()
        && count.good()
        && audit.stream().allMatch(AuditReport::clean)
        && !gold.isEmpty()
        && gold.stream().allMatch(GoldCheck::equal)
        && others.nothingWrong()
        && faults.stream()
            .allMatch(fault -> fault.outcome() != Outcome.NOT_RECOVERED && fault.nothingWrong());
  }
}
