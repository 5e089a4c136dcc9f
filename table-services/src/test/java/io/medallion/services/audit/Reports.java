package io.medallion.services.audit;

import io.medallion.io.Span;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.Finding;
import io.medallion.io.ledger.PartitionLedger;
import io.medallion.io.ledger.TableLedger;
import java.util.List;
import java.util.Map;

/** Reports as an audit makes them. */
final class Reports {
  private Reports() {}

  static AuditReport clean(boolean kafkaAsked) {
    return report(kafkaAsked, List.of());
  }

  static AuditReport withFindings() {
    return report(
        true,
        List.of(
            new Finding(
                Finding.Kind.MISSING_OFFSETS, 1, List.of("transactions-0: offset 7 is missing.")),
            new Finding(Finding.Kind.GAP, 1_023, List.of("one", "two"))));
  }

  private static AuditReport report(boolean kafkaAsked, List<Finding> findings) {
    return new AuditReport(
        "transactions",
        kafkaAsked,
        List.of(
            new PartitionLedger(
                "transactions-0",
                new Span(3, 1600),
                new Span(3, 1500),
                1494,
                0,
                0,
                0,
                3,
                1490,
                Map.of(
                    "applied",
                    1400L,
                    "superseded",
                    50L,
                    "duplicate",
                    20L,
                    "quarantined",
                    15L,
                    "pending",
                    4L,
                    "deleted",
                    1L),
                4,
                100)),
        List.of(
            new TableLedger(
                "bronze.transactions", 2, 0, "20260101000000000", "20260101000010000", 1494),
            new TableLedger("gold.daily_revenue", 0, 0, "", "", -1)),
        findings);
  }
}
