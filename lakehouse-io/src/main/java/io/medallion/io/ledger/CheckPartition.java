package io.medallion.io.ledger;

import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.io.ledger.OffsetSet.Ranges;
import io.medallion.io.ledger.ScanOffsets.Scanned;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/** The books of one Kafka partition: Kafka, bronze, the states in silver, and quarantine. */
final class CheckPartition {
  private final String partition;
  private final WalkedTable bronze;
  private final WalkedTable silver;
  private final WalkedTable quarantine;
  private final Scanned rows;
  private final Scanned quarantined;
  private final Findings findings;

  CheckPartition(
      String partition,
      WalkedTable bronze,
      WalkedTable silver,
      WalkedTable quarantine,
      Scanned rows,
      Scanned quarantined,
      Findings findings) {
    this.partition = partition;
    this.bronze = bronze;
    this.silver = silver;
    this.quarantine = quarantine;
    this.rows = rows;
    this.quarantined = quarantined;
    this.findings = findings;
  }

  /**
   * @param kafka empty when Kafka is not to be asked
   */
  PartitionLedger check(Optional<KafkaOffsets> kafka) {
    Span available = kafka.map(offsets -> offsets.available(partition)).orElse(new Span(0, 0));
    Span committed =
        bronze.covered().getOrDefault(partition, new Span(available.first(), available.first()));
    if (kafka.isPresent() && committed.next() > available.next()) {
      findings.add(
          Finding.Kind.BEYOND_KAFKA,
          ("%s: %s took offsets up to %d, but Kafka ends at %d: the topic was made anew, or Kafka"
                  + " lost records.")
              .formatted(partition, bronze.name(), committed.next() - 1, available.next()));
    }
    Missing missing = missing(committed, kafka);
    Roaring64Bitmap unaccounted = rows.offsets().outside(committed);
    ranges(
        Finding.Kind.UNACCOUNTED_OFFSETS,
        unaccounted,
        "%s: %%s in %s, but its commits took %d to %d only."
            .formatted(partition, bronze.name(), committed.first(), committed.next()),
        "has a row",
        "have rows");
    ranges(
        Finding.Kind.DOUBLED_OFFSETS,
        rows.offsets().doubled(),
        "%s: %%s in %s.".formatted(partition, bronze.name()),
        "has more than one row",
        "have more than one row each");
    counted(
        Finding.Kind.BRONZE_ROWS,
        bronze,
        rows.offsets().rows(),
        bronze.newest().counter(partition, Progress.ROWS),
        "rows");
    Map<String, Long> states = states();
    checkQuarantine();
    return new PartitionLedger(
        partition,
        available,
        committed,
        rows.offsets().rows(),
        missing.missing,
        rows.offsets().doubled().getLongCardinality(),
        unaccounted.getLongCardinality(),
        missing.gaps,
        rows.upToMark(),
        states,
        rows.offsets().rows() - rows.upToMark(),
        Math.max(0, available.next() - committed.next()));
  }

  private Missing missing(Span committed, Optional<KafkaOffsets> kafka) {
    Missing missing = new Missing();
    Ranges ranges = new Ranges(rows.offsets().missing(committed));
    if (kafka.isPresent()) {
      kafka.get().look(partition, ranges, missing);
    } else {
      for (var range = ranges.next(); range.isPresent(); range = ranges.next()) {
        missing.found(range.get(), "Kafka was not asked whether it has records there");
      }
    }
    return missing;
  }

  /** Tells what is missing from what Kafka has no record of. */
  private final class Missing implements KafkaOffsets.Parts {
    private long missing;
    private long gaps;

    @Override
    public void records(Span offsets) {
      found(offsets, "Kafka has records there");
    }

    @Override
    public void none(Span offsets) {
      gaps += offsets.next() - offsets.first();
    }

    @Override
    public void unknown(Span offsets) {
      found(
          offsets,
          offsets.next() - offsets.first() == 1
              ? "Kafka does not have it any more and cannot tell whether it was a record"
              : "Kafka does not have them any more and cannot tell whether they were records");
    }

    private void found(Span offsets, String remark) {
      missing += offsets.next() - offsets.first();
      findings.add(
          Finding.Kind.MISSING_OFFSETS,
          "%s: %s in %s; %s."
              .formatted(
                  partition, offsets(offsets, "is missing", "are missing"), bronze.name(), remark));
    }
  }

  private Map<String, Long> states() {
    Map<String, Long> states = new TreeMap<>();
    Progress.FINAL_STATES.forEach(
        state -> states.put(state, silver.newest().counter(partition, state)));
    long sum = states.values().stream().mapToLong(Long::longValue).sum();
    if (sum != rows.upToMark()) {
      findings.add(
          Finding.Kind.STATES,
          "%s: %s has read %,d rows of %s, but its final states are of %,d: %s."
              .formatted(
                  partition,
                  silver.name(),
                  rows.upToMark(),
                  bronze.name(),
                  sum,
                  Progress.FINAL_STATES.stream()
                      .map(state -> "%s %,d".formatted(state, states.get(state)))
                      .collect(Collectors.joining(", "))));
    }
    return states;
  }

  private void checkQuarantine() {
    long inQuarantine = everQuarantined(quarantine);
    counted(
        Finding.Kind.QUARANTINE_ROWS,
        quarantine,
        quarantined.offsets().rows(),
        inQuarantine,
        "quarantined events");
    counted(
        Finding.Kind.QUARANTINE_ROWS,
        quarantine,
        quarantined.replayed().rows(),
        quarantine.newest().counter(partition, Progress.REPLAYED),
        "replayed events");
    long inSilver = everQuarantined(silver);
    // Both have read bronze up to some commit; where one is ahead, it has counted as many or more.
    int ahead =
        Long.compare(silver.newest().next(bronze.name()), quarantine.newest().next(bronze.name()));
    int more = Long.compare(inSilver, inQuarantine);
    if (more != 0 && more != ahead) {
      findings.add(
          Finding.Kind.QUARANTINE_COUNTS,
          "%s: %s counts %,d quarantined events up to bronze commit %d, %s %,d up to %d."
              .formatted(
                  partition,
                  silver.name(),
                  inSilver,
                  silver.newest().next(bronze.name()),
                  quarantine.name(),
                  inQuarantine,
                  quarantine.newest().next(bronze.name())));
    }
    doubled(quarantined.offsets(), "row");
    doubled(quarantined.replayed(), "row of a replay");
    ranges(
        Finding.Kind.QUARANTINE_UNKNOWN,
        quarantined.offsets().without(rows.offsets()),
        "%s: %%s in %s, but not in %s.".formatted(partition, quarantine.name(), bronze.name()),
        "is",
        "are");
    ranges(
        Finding.Kind.QUARANTINE_UNKNOWN,
        quarantined.replayed().without(quarantined.offsets()),
        "%s: %%s in %s by a replay, but not before it.".formatted(partition, quarantine.name()),
        "is",
        "are");
  }

  private void doubled(OffsetSet offsets, String what) {
    ranges(
        Finding.Kind.QUARANTINE_DOUBLED,
        offsets.doubled(),
        "%s: %%s in %s.".formatted(partition, quarantine.name()),
        "has more than one " + what,
        "have more than one " + what + " each");
  }

  /** Events that are in quarantine or were, by a table's newest commit. */
  private long everQuarantined(WalkedTable table) {
    return table.newest().counter(partition, Progress.QUARANTINED)
        + table.newest().counter(partition, Progress.REPLAYED);
  }

  /** Compares what was counted with what the newest commit says. */
  private void counted(
      Finding.Kind kind, WalkedTable table, long counted, long expected, String what) {
    if (counted != expected) {
      findings.add(
          kind,
          "%s: %s has %,d rows, but its commit %s counts %,d %s."
              .formatted(
                  partition, table.name(), counted, table.ledger().newest(), expected, what));
    }
  }

  private void ranges(
      Finding.Kind kind, Roaring64Bitmap offsets, String sentence, String one, String many) {
    Ranges ranges = new Ranges(offsets);
    for (var range = ranges.next(); range.isPresent(); range = ranges.next()) {
      findings.add(kind, sentence.formatted(offsets(range.get(), one, many)));
    }
  }

  private static String offsets(Span offsets, String one, String many) {
    long count = offsets.next() - offsets.first();
    return count == 1
        ? "offset %d %s".formatted(offsets.first(), one)
        : "offsets %d to %d (%,d) %s".formatted(offsets.first(), offsets.next() - 1, count, many);
  }
}
