package io.medallion.services.report;

import io.medallion.io.Progress;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.PartitionLedger;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of the records of each Kafka partition: as the newest commits count, or as an audit
 * has found it.
 */
final class DrawLedger {
  private static final String TITLE = "Ledger per partition";
  private static final String NOT_REFINED = "not-refined";
  private static final String NOT_INGESTED = "not-ingested";
  private static final String LOST = "missing";

  /** Rows of a plot that one still looks at. */
  private static final int MOST = 60;

  private final Map<String, Map<String, Long>> partitions = new TreeMap<>(new PartitionOrder());

  private DrawLedger() {}

  /** As silver's newest commit counts; no row was looked at. */
  static Plot ofCommits(History history) {
    DrawLedger ledger = new DrawLedger();
    Progress silver = history.silver().progress();
    Progress bronze = history.silver().bronze().progress();
    bronze
        .partitions()
        .forEach(
            (partition, counts) -> {
              Map<String, Long> states = ledger.states(partition);
              long refined = 0;
              for (String state : Progress.FINAL_STATES) {
                long events = silver.counter(partition, state);
                refined += events;
                states.put(state, events);
              }
              states.put(
                  NOT_REFINED, Math.max(0, counts.getOrDefault(Progress.ROWS, 0L) - refined));
            });
    return ledger.plot(
        "Events of each Kafka partition by their final state, as the newest commits of bronze and silver count them. Not an audit: no row"
            + " was looked at. medallion audit, or this command with --audit, checks the counts against the rows and Kafka's offsets.",
        "No audit was run.",
        List.of(NOT_REFINED));
  }

  /** As an audit found it. */
  static Plot ofAudit(AuditReport audit) {
    DrawLedger ledger = new DrawLedger();
    for (PartitionLedger partition : audit.partitions()) {
      Map<String, Long> states = ledger.states(partition.partition());
      states.putAll(partition.states());
      states.put(NOT_REFINED, partition.notYetRefined());
      states.put(NOT_INGESTED, partition.notYetIngested());
      states.put(LOST, partition.missing());
    }
    String findings =
        audit.findings().stream()
            .map(finding -> "%s (%,d)".formatted(finding.kind().label(), finding.count()))
            .collect(Collectors.joining(", "));
    List<String> more = new ArrayList<>(List.of(NOT_REFINED));
    if (audit.kafkaAsked()) {
      more.add(NOT_INGESTED);
    }
    more.add(LOST);
    return ledger.plot(
        "Events of each Kafka partition by their final state, as medallion audit found it beside this report: every row and commit of the"
            + " tables was read%s."
                .formatted(
                    audit.kafkaAsked()
                        ? ", and Kafka's offsets"
                        : "; Kafka was not asked what is still to come"),
        audit.clean()
            ? "Audit clean: %,d offsets, each in exactly one state.".formatted(audit.offsets())
            : "Audit not clean: %s; medallion audit names them.".formatted(findings),
        more);
  }

  private Map<String, Long> states(String partition) {
    return partitions.computeIfAbsent(partition, any -> new TreeMap<>());
  }

  private Plot plot(String says, String summary, List<String> more) {
    List<String> states = new ArrayList<>(Progress.FINAL_STATES);
    states.addAll(more);
    List<String> drawn = partitions.keySet().stream().limit(MOST).toList();
    List<Series> series = new ArrayList<>();
    for (String state : states) {
      List<Point> points = new ArrayList<>();
      for (String partition : drawn) {
        points.add(new Point(points.size(), partitions.get(partition).getOrDefault(state, 0L)));
      }
      series.add(new Series(state, state, points));
    }
    return new Plot(
        "ledger",
        TITLE,
        partitions.size() > MOST
            ? says + " The first %d of %d partitions are drawn.".formatted(MOST, partitions.size())
            : says,
        summary,
        Shape.BARS,
        Unit.RECORDS,
        drawn,
        series,
        List.of(),
        figures(states));
  }

  private List<List<String>> figures(List<String> states) {
    List<List<String>> figures = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("partition"));
    head.addAll(states);
    figures.add(head);
    partitions.forEach(
        (partition, counts) -> {
          List<String> row = new ArrayList<>(List.of(partition));
          states.forEach(state -> row.add("%,d".formatted(counts.getOrDefault(state, 0L))));
          figures.add(row);
        });
    return figures;
  }
}
