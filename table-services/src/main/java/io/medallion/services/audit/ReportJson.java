package io.medallion.services.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.medallion.io.Progress;
import io.medallion.io.ledger.AuditReport;
import io.medallion.io.ledger.Finding;
import io.medallion.io.ledger.PartitionLedger;
import io.medallion.io.ledger.TableLedger;
import java.io.UncheckedIOException;

/** An audit's report for a program; {@code docs/audit.md} lists the fields, which stay. */
final class ReportJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ReportJson() {}

  static String of(AuditReport report) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("pipeline", report.pipeline())
            .put("clean", report.clean())
            .put("offsets", report.offsets())
            .put("kafka-asked", report.kafkaAsked());
    ArrayNode partitions = root.putArray("partitions");
    report.partitions().forEach(partition -> write(partition, report.kafkaAsked(), partitions));
    ArrayNode tables = root.putArray("tables");
    report.tables().forEach(table -> write(table, tables));
    ArrayNode findings = root.putArray("findings");
    report.findings().forEach(finding -> write(finding, findings));
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static void write(PartitionLedger partition, boolean kafkaAsked, ArrayNode partitions) {
    ObjectNode node =
        partitions
            .addObject()
            .put("partition", partition.partition())
            .put("from", partition.committed().first())
            .put("to", partition.committed().next());
    if (kafkaAsked) {
      node.put("kafka-begin", partition.kafka().first()).put("kafka-end", partition.kafka().next());
    }
    node.put("rows", partition.rows())
        .put("missing", partition.missing())
        .put("doubled", partition.doubled())
        .put("unaccounted", partition.unaccounted())
        .put("kafka-gaps", partition.kafkaGaps())
        .put("refined", partition.refined());
    ObjectNode states = node.putObject("states");
    Progress.FINAL_STATES.forEach(state -> states.put(state, partition.states().get(state)));
    node.put("not-refined", partition.notYetRefined());
    if (kafkaAsked) {
      node.put("not-ingested", partition.notYetIngested());
    }
  }

  private static void write(TableLedger table, ArrayNode tables) {
    ObjectNode node =
        tables
            .addObject()
            .put("table", table.table())
            .put("commits", table.commits())
            .put("without-position", table.withoutPosition())
            .put("first", table.first())
            .put("newest", table.newest());
    if (table.rows() >= 0) {
      node.put("rows", table.rows());
    }
  }

  private static void write(Finding finding, ArrayNode findings) {
    ObjectNode node =
        findings.addObject().put("kind", finding.kind().label()).put("count", finding.count());
    finding.examples().forEach(node.putArray("examples")::add);
  }
}
