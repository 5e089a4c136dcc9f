package io.medallion.services.audit;

import io.medallion.io.Progress;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.Finding;
import io.medallion.io.ledger.PartitionLedger;
import io.medallion.io.ledger.TableLedger;
import io.medallion.services.TextTable;
import java.util.ArrayList;
import java.util.List;

/** An audit's report for a reader: tables, then what is off, then one line that says whether. */
final class ReportText {
  private ReportText() {}

  static String of(AuditReport report) {
    List<String> lines = new ArrayList<>();
    lines.addAll(TextTable.lines(partitions(report)));
    lines.add("");
    lines.addAll(TextTable.lines(tables(report)));
    lines.add("");
    for (Finding finding : report.findings()) {
      lines.add("%s (%,d)".formatted(finding.kind().label(), finding.count()));
      finding.examples().forEach(example -> lines.add("  " + example));
      long more = finding.count() - finding.examples().size();
      if (more > 0) {
        lines.add("  … and %,d more".formatted(more));
      }
    }
    if (report.clean()) {
      lines.add("Audit clean: %,d offsets, each in exactly one state.".formatted(report.offsets()));
    } else {
      long findings = report.findings().stream().mapToLong(Finding::count).sum();
      lines.add("");
      lines.add("Audit not clean: %,d findings.".formatted(findings));
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<List<String>> partitions(AuditReport report) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head =
        new ArrayList<>(
            List.of("partition", "from", "to", "rows", "missing", "doubled", "kafka-gaps"));
    head.addAll(Progress.FINAL_STATES);
    head.add("not-refined");
    if (report.kafkaAsked()) {
      head.add("not-ingested");
    }
    rows.add(head);
    for (PartitionLedger partition : report.partitions()) {
      List<String> row = new ArrayList<>();
      row.add(partition.partition());
      row.add(String.valueOf(partition.committed().first()));
      row.add(String.valueOf(partition.committed().next()));
      row.add(number(partition.rows()));
      row.add(number(partition.missing()));
      row.add(number(partition.doubled()));
      row.add(report.kafkaAsked() ? number(partition.kafkaGaps()) : "-");
      Progress.FINAL_STATES.forEach(state -> row.add(number(partition.states().get(state))));
      row.add(number(partition.notYetRefined()));
      if (report.kafkaAsked()) {
        row.add(number(partition.notYetIngested()));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<List<String>> tables(AuditReport report) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("table", "rows", "commits", "first", "newest"));
    for (TableLedger table : report.tables()) {
      rows.add(
          List.of(
              table.table(),
              table.rows() < 0 ? "-" : number(table.rows()),
              number(table.commits()),
              table.first().isEmpty() ? "-" : table.first(),
              table.newest().isEmpty() ? "-" : table.newest()));
    }
    return rows;
  }

  private static String number(long number) {
    return "%,d".formatted(number);
  }
}
