package io.medallion.services.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.Finding;
import io.medallion.services.chaos.FaultResult.Outcome;
import io.medallion.services.verify.GoldCheck;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run and its verdict.
 *
 * @param sink whose tables
 * @param asked how many faults
 * @param unavailable kinds that cannot be injected here, and why
 * @param parts in their order; the last ones are missing when the time was over
 */
record ChaosReport(
    Sink sink,
    long seed,
    int asked,
    Duration took,
    Map<FaultKind, String> unavailable,
    List<PartReport> parts) {

  private static final int EXAMPLES = 3;

  ChaosReport {
    parts = List.copyOf(parts);
  }

  /** Whether all its parts are. */
  boolean good() {
    return !parts.isEmpty() && parts.stream().allMatch(PartReport::good);
  }

  /** Of all parts, in their order. */
  List<FaultResult> faults() {
    return parts.stream().flatMap(part -> part.faults().stream()).toList();
  }

  /** What went wrong before the first fault of a part. */
  List<FaultResult> others() {
    return parts.stream().map(PartReport::others).filter(result -> !result.nothingWrong()).toList();
  }

  /** Of bronze's offsets at the end of each part, together. */
  OffsetCount count() {
    return parts.stream()
        .map(PartReport::count)
        .reduce(new OffsetCount(0, 0, 0), OffsetCount::plus);
  }

  List<AuditReport> audits() {
    return parts.stream().flatMap(part -> part.audit().stream()).toList();
  }

  /** By table, of all parts together. */
  List<GoldCheck> gold() {
    Map<String, GoldCheck> together = new LinkedHashMap<>();
    parts.stream()
        .flatMap(part -> part.gold().stream())
        .forEach(check -> together.merge(check.table(), check, ChaosReport::both));
    return List.copyOf(together.values());
  }

  /** What never reached gold, by part. */
  List<String> notDrained() {
    return parts.stream().flatMap(part -> part.notDrained().stream()).toList();
  }

  long injected() {
    return faults().stream().filter(result -> result.outcome() != Outcome.NOT_REACHED).count();
  }

  void print(PrintWriter out) {
    out.printf(
        "%n%-30s %-8s %8s %9s %11s %5s %7s %7s %13s %13s%n",
        "fault",
        "listed",
        "injected",
        "recovered",
        "not reached",
        "lost",
        "doubled",
        "partial",
        "bronze p50/99",
        "gold p50/99");
    for (FaultKind kind : FaultKind.values()) {
      List<FaultResult> results = of(kind);
      if (unavailable.containsKey(kind)) {
        out.printf(
            "%-30s %-8s not available here: %s%n",
            kind.label(), kind.listed(), unavailable.get(kind));
      } else if (!results.isEmpty()) {
        row(out, kind.label(), kind.listed(), results);
      }
    }
    row(out, "all", "", faults());
    if (!others().isEmpty()) {
      row(out, "before the first fault", "", others());
    }
    out.println();
    notes().forEach(note -> out.printf("     %s%n", note));
    out.printf(
        "     %,d snapshots of bronze read meanwhile, %,d reads failed%n", reads(), failedReads());
    notDrained().forEach(what -> out.printf("FAIL %s%n", what));
    OffsetCount count = count();
    out.printf(
        "%s count: %,d records in Kafka, %,d of them missing in bronze, %,d doubled%n",
        count.good() ? "ok  " : "FAIL", count.records(), count.missing(), count.doubled());
    print(out, audits());
    for (GoldCheck check : gold()) {
      out.printf(
          "%s gold.%s: %,d rows recomputed from silver, %,d differ%n",
          check.equal() ? "ok  " : "FAIL", check.table(), check.rows(), check.differing());
      check.examples().forEach(example -> out.printf("     %s%n", example));
    }
    out.printf(
        "%s %d of %d faults injected in %d:%02d, seed %d, sink %s%n",
        good() ? "ok  " : "FAIL",
        injected(),
        asked,
        took.toMinutes(),
        took.toSecondsPart(),
        seed,
        sink.label());
    out.flush();
  }

  private static void print(PrintWriter out, List<AuditReport> audits) {
    if (!audits.isEmpty() && audits.stream().allMatch(AuditReport::clean)) {
      out.printf(
          "ok   audit: %,d offsets, each in exactly one state%n",
          audits.stream().mapToLong(AuditReport::offsets).sum());
    }
    for (Finding finding : findings(audits)) {
      out.printf("FAIL audit: %s (%,d)%n", finding.kind().label(), finding.count());
      finding.examples().stream()
          .limit(EXAMPLES)
          .forEach(example -> out.printf("     %s%n", example));
    }
  }

  private static List<Finding> findings(List<AuditReport> audits) {
    return audits.stream().flatMap(audit -> audit.findings().stream()).toList();
  }

  void printJson(PrintWriter out) throws JsonProcessingException {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ObjectNode root =
        mapper
            .createObjectNode()
            .put("good", good())
            .put("sink", sink.label())
            .put("seed", seed)
            .put("asked", asked)
            .put("injected", injected())
            .put("seconds", took.toSeconds())
            .put("parts", parts.size())
            .put("reads", reads())
            .put("failed-reads", failedReads());
    notes().forEach(root.putArray("notes")::add);
    notDrained().forEach(root.putArray("not-drained")::add);
    ArrayNode kinds = root.putArray("kinds");
    for (FaultKind kind : FaultKind.values()) {
      List<FaultResult> results = of(kind);
      if (unavailable.containsKey(kind) || !results.isEmpty()) {
        ObjectNode node = kinds.addObject().put("kind", kind.label()).put("listed", kind.listed());
        if (unavailable.containsKey(kind)) {
          node.put("not-available", unavailable.get(kind));
        } else {
          numbers(node, results);
        }
      }
    }
    numbers(root.putObject("all"), faults());
    OffsetCount count = count();
    root.putObject("count")
        .put("records", count.records())
        .put("missing", count.missing())
        .put("doubled", count.doubled());
    if (!audits().isEmpty()) {
      List<Finding> findings = findings(audits());
      ObjectNode audit = root.putObject("audit").put("clean", findings.isEmpty());
      findings.stream()
          .collect(
              Collectors.groupingBy(
                  finding -> finding.kind().label(),
                  TreeMap::new,
                  Collectors.summingLong(Finding::count)))
          .forEach(audit::put);
    }
    ArrayNode tables = root.putArray("gold");
    gold()
        .forEach(
            check ->
                tables
                    .addObject()
                    .put("table", check.table())
                    .put("rows", check.rows())
                    .put("differing", check.differing()));
    out.println(mapper.writeValueAsString(root));
    out.flush();
  }

  private long reads() {
    return parts.stream().mapToLong(PartReport::reads).sum();
  }

  private long failedReads() {
    return parts.stream().mapToLong(PartReport::failedReads).sum();
  }

  private List<String> notes() {
    return parts.stream().flatMap(part -> part.notes().stream()).distinct().toList();
  }

  private static GoldCheck both(GoldCheck one, GoldCheck other) {
    return new GoldCheck(
        one.table(),
        "",
        "",
        one.rows() + other.rows(),
        one.differing() + other.differing(),
        Stream.concat(one.examples().stream(), other.examples().stream()).toList());
  }

  private List<FaultResult> of(FaultKind kind) {
    return faults().stream().filter(result -> result.planned().kind() == kind).toList();
  }

  private static void row(PrintWriter out, String label, String listed, List<FaultResult> results) {
    out.printf(
        "%-30s %-8s %8d %9d %11d %5d %7d %7d %13s %13s%n",
        label,
        listed,
        results.size() - number(results, Outcome.NOT_REACHED),
        number(results, Outcome.RECOVERED),
        number(results, Outcome.NOT_REACHED),
        results.stream().mapToLong(FaultResult::lost).sum(),
        results.stream().mapToLong(FaultResult::doubled).sum(),
        results.stream().mapToLong(FaultResult::partialReads).sum(),
        percentiles(results, FaultResult::toBronze),
        percentiles(results, FaultResult::toGold));
  }

  private static void numbers(ObjectNode node, List<FaultResult> results) {
    node.put("injected", results.size() - number(results, Outcome.NOT_REACHED))
        .put("recovered", number(results, Outcome.RECOVERED))
        .put("not-reached", number(results, Outcome.NOT_REACHED))
        .put("lost", results.stream().mapToLong(FaultResult::lost).sum())
        .put("doubled", results.stream().mapToLong(FaultResult::doubled).sum())
        .put("partial-reads", results.stream().mapToLong(FaultResult::partialReads).sum());
    percentile(results, FaultResult::toBronze, 0.5)
        .ifPresent(seconds -> node.put("bronze-seconds-p50", seconds));
    percentile(results, FaultResult::toBronze, 0.99)
        .ifPresent(seconds -> node.put("bronze-seconds-p99", seconds));
    percentile(results, FaultResult::toGold, 0.5)
        .ifPresent(seconds -> node.put("gold-seconds-p50", seconds));
    percentile(results, FaultResult::toGold, 0.99)
        .ifPresent(seconds -> node.put("gold-seconds-p99", seconds));
  }

  private static long number(List<FaultResult> results, Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }

  private static String percentiles(
      List<FaultResult> results, Function<FaultResult, Optional<Duration>> time) {
    return percentile(results, time, 0.5)
        .map(p50 -> "%.1f/%.1f s".formatted(p50, percentile(results, time, 0.99).orElse(p50)))
        .orElse("-");
  }

  /** The smallest of the times that so large a share of them does not exceed, in seconds. */
  private static Optional<Double> percentile(
      List<FaultResult> results, Function<FaultResult, Optional<Duration>> time, double share) {
    List<Duration> times =
        results.stream().flatMap(result -> time.apply(result).stream()).sorted().toList();
    return times.isEmpty()
        ? Optional.empty()
        : Optional.of(
            times.get(Math.max(0, (int) Math.ceil(share * times.size()) - 1)).toMillis() / 1e3);
  }
}
