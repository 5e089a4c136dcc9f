package io.medallion.io.ledger;

import java.util.List;

/**
 * What an audit saw.
 *
 * @param pipeline the pipeline's name
 * @param kafkaAsked whether Kafka's offsets were looked at
 * @param partitions one for each Kafka partition that Kafka or a table knows, by name
 * @param tables one for each table in the order of the data
 * @param findings what is off, one for each kind; empty when all adds up
 */
public record AuditReport(
    String pipeline,
    boolean kafkaAsked,
    List<PartitionLedger> partitions,
    List<TableLedger> tables,
    List<Finding> findings) {
  public AuditReport {
    partitions = List.copyOf(partitions);
    tables = List.copyOf(tables);
    findings = List.copyOf(findings);
  }

  /** Whether every offset that was read is in exactly one state, and every commit continues. */
  public boolean clean() {
    return findings.isEmpty();
  }

  /** Events that are in a final state. */
  public long offsets() {
    return partitions.stream()
        .flatMap(partition -> partition.states().values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }
}
