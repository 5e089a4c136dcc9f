package io.medallion.io.ledger;

import io.medallion.io.CommitHistory;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.io.ledger.ScanOffsets.Scanned;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Checks that every Kafka offset a pipeline has read is in exactly one final state.
 *
 * <p>A running pipeline audits clean, because every table is looked at as of one of its commits,
 * fixed from the end of the data to its beginning:
 *
 * <pre>
 * gold → quarantine → silver → bronze → Kafka's offsets
 * </pre>
 *
 * What a commit says of its input was there when it was written, so the input's newest commit,
 * fixed later, holds at least that; later commits of the same table are left out of all counts.
 * Rows of bronze that silver had not read then are "not yet refined", offsets of Kafka that bronze
 * had not read "not yet ingested"; neither is off.
 */
public final class Audit {
  private static final String NOTHING = "";

  private final PipelineDefinition pipeline;
  private final Lakehouse lake;
  private final Supplier<Optional<KafkaOffsets>> kafka;
  private final TableDefinition bronze;
  private final TableDefinition silver;
  private final TableDefinition quarantine;

  /**
   * @param kafka Kafka client properties, {@code bootstrap.servers} among them; as a rule {@code
   *     pipeline.source().kafka()}
   */
  public Audit(PipelineDefinition pipeline, String warehouse, Map<String, String> kafka) {
    this(
        pipeline,
        warehouse,
        () -> Optional.of(KafkaOffsets.connect(pipeline.source(), Map.copyOf(kafka))));
  }

  Audit(PipelineDefinition pipeline, String warehouse, Supplier<Optional<KafkaOffsets>> kafka) {
    this.pipeline = pipeline;
    this.lake = new Lakehouse(warehouse, pipeline.name());
    this.kafka = kafka;
    this.bronze = Tables.bronze(pipeline);
    this.silver = Tables.silver(pipeline);
    this.quarantine = Tables.quarantine(pipeline);
  }

  /** The tables and their commits alone; an offset without a row counts as missing then. */
  public static Audit withoutKafka(PipelineDefinition pipeline, String warehouse) {
    return new Audit(pipeline, warehouse, Optional::empty);
  }

  /**
   * Reads all commits of all tables, and the Kafka coordinates of all rows.
   *
   * @throws InvalidConfigurationException if there is no bronze table, or Kafka does not answer
   */
  public AuditReport run(AuditProgress progress) {
    Map<TableDefinition, CommitHistory> histories = new HashMap<>();
    List<TableDefinition> tables = Tables.all(pipeline);
    for (int last = tables.size() - 1; last >= 0; last--) {
      TableDefinition table = tables.get(last);
      // Quarantine comes after silver in the list, and so is fixed before it.
      CommitHistory.open(lake.warehouse(), table)
          .ifPresent(history -> histories.put(table, history));
    }
    if (!histories.containsKey(bronze)) {
      throw noTable();
    }
    Optional<KafkaOffsets> offsets = kafka.get();
    try {
      return audit(histories, offsets, progress);
    } finally {
      offsets.ifPresent(KafkaOffsets::close);
    }
  }

  private AuditReport audit(
      Map<TableDefinition, CommitHistory> histories,
      Optional<KafkaOffsets> offsets,
      AuditProgress progress) {
    Findings findings = new Findings();
    SortedMap<String, WalkedTable> walked = walk(histories, findings, progress);
    WalkedTable bronzeBooks = walked.get(bronze.qualifiedName());
    WalkedTable silverBooks = walked.get(silver.qualifiedName());
    WalkedTable quarantineBooks = walked.get(quarantine.qualifiedName());

    String refinedUpTo = String.valueOf(silverBooks.newest().next(bronze.qualifiedName()));
    SortedMap<String, Scanned> rows = scan(bronze, bronzeBooks, refinedUpTo, progress);
    SortedMap<String, Scanned> quarantined = scan(quarantine, quarantineBooks, NOTHING, progress);
    long silverRows = countSilver(silverBooks, findings, progress);

    Set<String> names = new TreeSet<>(bronzeBooks.covered().keySet());
    names.addAll(rows.keySet());
    names.addAll(quarantined.keySet());
    names.addAll(silverBooks.newest().partitions().keySet());
    offsets.ifPresent(known -> names.addAll(known.partitions()));
    List<PartitionLedger> partitions = new ArrayList<>();
    for (String name : names) {
      partitions.add(
          new CheckPartition(
                  name,
                  bronzeBooks,
                  silverBooks,
                  quarantineBooks,
                  rows.getOrDefault(name, new Scanned()),
                  quarantined.getOrDefault(name, new Scanned()),
                  findings)
              .check(offsets));
    }
    Map<String, Long> counted = new TreeMap<>();
    counted.put(bronze.qualifiedName(), rows(rows));
    counted.put(silver.qualifiedName(), silverRows);
    counted.put(quarantine.qualifiedName(), rows(quarantined));
    return new AuditReport(
        pipeline.name(),
        offsets.isPresent(),
        partitions,
        Tables.all(pipeline).stream()
            .map(TableDefinition::qualifiedName)
            .map(
                table ->
                    walked
                        .get(table)
                        .ledger()
                        .withRows(counted.getOrDefault(table, TableLedger.NOT_COUNTED)))
            .toList(),
        findings.all());
  }

  /**
   * From the end of the data to its beginning: what a table has read is looked for in its input.
   */
  private SortedMap<String, WalkedTable> walk(
      Map<TableDefinition, CommitHistory> histories, Findings findings, AuditProgress progress) {
    SortedMap<String, WalkedTable> walked = new TreeMap<>();
    List<TableDefinition> tables = Tables.all(pipeline);
    long commits = 0;
    for (int last = tables.size() - 1; last >= 0; last--) {
      String table = tables.get(last).qualifiedName();
      Map<Long, String> readUpTo = new TreeMap<>();
      walked.forEach(
          (reader, books) -> {
            long instant = books.newest().next(table);
            if (instant != Span.START) {
              readUpTo.put(instant, reader);
            }
          });
      CommitHistory history = histories.get(tables.get(last));
      WalkedTable books =
          history == null
              ? WalkedTable.none(table)
              : WalkCommits.walk(
                  table, history.newest().orElse(NOTHING), history::forEach, readUpTo, findings);
      walked.put(table, books);
      commits += books.ledger().commits();
      progress.read("commits", commits);
    }
    return walked;
  }

  private SortedMap<String, Scanned> scan(
      TableDefinition table, WalkedTable books, String mark, AuditProgress progress) {
    return books.hasCommits()
        ? ScanOffsets.scan(lake, table, books.ledger().newest(), mark, progress)
        : new TreeMap<>();
  }

  private long countSilver(WalkedTable books, Findings findings, AuditProgress progress) {
    if (!books.hasCommits()) {
      return 0;
    }
    long rows = CountRows.count(lake, silver, books.ledger().newest(), progress);
    long expected = books.newest().counter(Progress.ROWS);
    if (rows != expected) {
      findings.add(
          Finding.Kind.SILVER_ROWS,
          "%s has %,d rows, but its commit %s counts %,d."
              .formatted(books.name(), rows, books.ledger().newest(), expected));
    }
    return rows;
  }

  private static long rows(Map<String, Scanned> partitions) {
    return partitions.values().stream().mapToLong(Scanned::rows).sum();
  }

  private InvalidConfigurationException noTable() {
    return new InvalidConfigurationException(
        "The warehouse",
        List.of(
            new Problem(
                "command line",
                "--warehouse",
                lake.warehouse(),
                "a warehouse with a table " + bronze.qualifiedName(),
                "Correct the address or the pipeline, or start ingest-bronze.")));
  }
}
